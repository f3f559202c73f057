import ArgumentParser
import MiniCNN

/// A learning rate to begin with.
struct FindRate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-rate",
    abstract: "Suggests a learning rate: trains a little with a rising one and draws the loss.",
    discussion: """
      EXAMPLES
        minicnn find-rate --model lenet5 --data mnist
        minicnn find-rate --model mlp --data mnist --optimizer sgd
        minicnn find-rate --model lenet5 --data mnist --json

      The rate rises by the same factor at every step; the test ends when the smoothed loss is \
      4 times its minimum. The suggestion is the rate at which the loss falls fastest; for a \
      one_cycle schedule, whose rate is at its peak for a few steps only, it is a tenth of the \
      rate with the lowest loss, if that is higher. The model's own rate and schedule play no \
      part, the test images are not used, and nothing is saved. Where neither --seed nor the \
      model file states a seed, it is 1, so that the same command suggests the same rate.

      JSON: suggestion, steepest, lowest (rates, or null), diverged, points (rate, loss, smoothed).
      """)

  @OptionGroup var modelOption: ModelOption
  @OptionGroup var dataFlags: DataFlags
  @OptionGroup var validationFlags: ValidationFlags
  @OptionGroup(title: "Settings") var flags: TrainingFlags
  @Option(help: "The first learning rate.") var from = 1e-6
  @Option(help: "The last learning rate.") var to = 10.0
  @Option(help: "The steps between them.") var steps = 400
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  func validate() throws {
    try modelOption.checkNamed()
    guard from > 0, to > from, to <= 1e6 else {
      throw ValidationError("--from, --to: expected 0 < from < to <= 1e6, found \(from) and \(to)")
    }
    guard (20...1_000_000).contains(steps) else {
      throw ValidationError("--steps: expected 20 to 1000000, found \(steps)")
    }
  }

  func run() throws {
    let model = try modelOption.requiredPath()
    let file = try ModelOption.read(model)
    let paths = try dataFlags.requiredPaths()
    let settings = try TrainingSettings(
      flags.options(), model: file.training, file: model, defaultSeed: 1,
      hasValidationSet: validationFlags.areStated)
    let network = try file.spec.network(seed: settings.seed, loss: settings.loss, file: model)
    let data = try LabelledData(paths: paths, split: .train)
    try data.check(network)
    let validation = try validationFlags.data?.validationData()
    try validation?.check(network)
    var progress = ProgressLine("find-rate")
    let test = try RateRangeTest(
      file.spec, settings: settings, data: data.samples, rates: from...to, steps: steps,
      validation: validation?.samples, threads: threadsOption.threads
    ) { progress.update(Double($0) / Double(steps)) }
    progress.clear()
    if jsonFlag.json { return try JSONOutput.print(RateOutput(test, settings.schedule.course)) }
    report(test, settings)
  }

  private func report(_ test: RateRangeTest, _ settings: TrainingSettings) {
    let mark = test.suggestion(for: settings.schedule.course)
    let width = Terminal.resultColumns
    let curve = test.points.map { (x: $0.rate, y: $0.smoothed) }
    for line in Chart.lines(curve, marks: mark.map { [$0] } ?? [], width: width) {
      Terminal.result(line)
    }
    Terminal.result("")
    if let lowest = test.lowest {
      Terminal.result(
        "the smoothed loss is lowest, \(Format.fixed(lowest.smoothed, 4)), at a learning rate of"
          + " \(Format.significant(lowest.rate))")
    }
    if !test.diverged {
      Terminal.result("the loss has not risen to 4 times that by the last rate; try a higher --to")
    }
    switch test.verdict {
    case .falls(let steepest):
      Terminal.result("it falls fastest at \(Format.significant(steepest))")
      guard let suggestion = mark else { return }
      Terminal.result(
        "suggested for \(settings.update.optimizer.kind) with \(settings.schedule.course.kind):"
          + " --learning-rate \(Format.significant(suggestion))")
    case .leastTooSoon:
      Terminal.result(
        "the loss is lowest too soon to see it fall, so no rate is suggested; try a smaller --from")
    case .neverFalls:
      Terminal.result("the loss never falls, so no rate is suggested; try other --from and --to")
    }
  }
}

/// What `--json` prints.
private struct RateOutput: Encodable {
  struct Point: Encodable {
    let rate: Double
    let loss: Double
    let smoothed: Double

    init(_ point: RateRangeTest.Point) {
      (rate, loss, smoothed) = (point.rate, point.loss, point.smoothed)
    }
  }

  let suggestion: Double?
  let steepest: Double?
  let lowest: Double?
  let diverged: Bool
  let points: [Point]

  init(_ test: RateRangeTest, _ course: Schedule.Course) {
    suggestion = test.suggestion(for: course)
    steepest = test.steepest
    lowest = test.lowest?.rate
    diverged = test.diverged
    points = test.points.map(Point.init)
  }

  private enum Key: CodingKey {
    case suggestion, steepest, lowest, diverged, points
  }

  /// Missing rates are null, so that every object has every key.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(suggestion, forKey: .suggestion)
    try container.encode(steepest, forKey: .steepest)
    try container.encode(lowest, forKey: .lowest)
    try container.encode(diverged, forKey: .diverged)
    try container.encode(points, forKey: .points)
  }
}
