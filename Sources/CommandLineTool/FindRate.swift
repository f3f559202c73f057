import ArgumentParser
import MiniCNN

/// A learning rate to begin with.
struct FindRate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-rate",
    abstract: "Suggests a learning rate: trains a little with a rising one and draws the loss.",
    discussion: """
      EXAMPLES
        minicnn find-rate --model Models/lenet5.yaml --data Datasets/mnist
        minicnn find-rate --model Models/mlp.yaml --data Datasets/mnist --optimizer sgd --momentum 0.9
        minicnn find-rate --model Models/lenet5.yaml --data Datasets/mnist --json

      The rate rises by the same factor at every step; the test ends where the smoothed loss is 4
      times its least. Suggested is the rate at which the loss falls fastest; with --schedule
      one_cycle, whose rate is at its peak for a few steps only, a few times as much may do.
      The test images are not looked at. Nothing is saved.
      JSON: suggestion, lowest, diverged, points (rate, loss, smoothed).
      """)

  @Option(help: ArgumentHelp("The model file (YAML).", valueName: "file")) var model: String
  @OptionGroup(title: "Data") var dataFlags: DataFlags
  @OptionGroup(title: "Settings") var flags: TrainingFlags
  @Option(help: "The first learning rate.") var from = 1e-6
  @Option(help: "The last learning rate.") var to = 10.0
  @Option(help: "The steps between them.") var steps = 400
  @Option(help: "Threads (default: one for each processor).") var threads: Int?
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    try checkThreads(threads)
    guard from > 0, to > from, to <= 1e6 else {
      throw ValidationError("--from, --to: expected 0 < from < to <= 1e6, found \(from) and \(to)")
    }
    guard (20...1_000_000).contains(steps) else {
      throw ValidationError("--steps: expected 20 to 1000000, found \(steps)")
    }
  }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    guard let paths = dataFlags.paths else {
      throw Failure(.usage, "name the data with --data, or --images and --labels")
    }
    let settings = try flags.options().filled(from: file.training).resolve(defaultSeed: 1)
    let network: Network
    do {
      network = try Network(file.spec, seed: settings.seed)
      try settings.loss.check(network)
    } catch {
      throw Failure(.data, "\(model): \(error)")
    }
    let data = try LabelledData(paths: paths, split: .train)
    try data.check(network)
    let test = try RateRangeTest(
      file.spec, settings: settings, data: data.set, rates: from...to, steps: steps,
      threads: threads)
    if json { return try JSONOutput.print(RateOutput(test)) }
    report(test, settings)
  }

  private func report(_ test: RateRangeTest, _ settings: TrainingSettings) {
    let curve = test.points.map { (x: $0.rate, y: $0.smoothed) }
    for line in Chart.lines(curve, marks: test.suggestion.map { [$0] } ?? []) {
      Terminal.result(line)
    }
    Terminal.result("")
    if let lowest = test.lowest {
      Terminal.result(
        "the smoothed loss is least, \(Format.fixed(lowest.smoothed, 4)), at a learning rate of"
          + " \(Format.significant(lowest.rate))")
    }
    guard let suggestion = test.suggestion else {
      Terminal.result("the loss never falls, so no rate is suggested; try other --from and --to")
      return
    }
    Terminal.result(
      "suggested for \(settings.update.optimizer.kind): --learning-rate"
        + " \(Format.significant(suggestion))")
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
  let lowest: Double?
  let diverged: Bool
  let points: [Point]

  init(_ test: RateRangeTest) {
    suggestion = test.suggestion
    lowest = test.lowest?.rate
    diverged = test.diverged
    points = test.points.map(Point.init)
  }
}
