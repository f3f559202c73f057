import ArgumentParser
import MiniCNN

/// Whether one trained model is better than another.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares two trained models on the same test images with a paired test.",
    discussion: """
      EXAMPLES
        minicnn compare digits-fast lenet5 --data mnist
        minicnn compare a.weights.h5 b.weights.h5 --data mnist --json

      Images that both models get right, or both get wrong, say nothing about which is better. \
      McNemar's exact test asks how likely so uneven a split of the others is if the two are \
      equally good. Comparing many models on the same test images and keeping the best makes its \
      accuracy look better than it is: choose on validation images.

      JSON: first and second (file, weights, accuracy, interval), bothRight, onlyFirst, \
      onlySecond, bothWrong, difference, differenceInterval, pValue.
      """)

  @Argument(
    help: "The first checkpoint, or the name of an installed one.", completion: .lookUp(.checkpoint)
  )
  var first: String
  @Argument(help: "The second one.", completion: .lookUp(.checkpoint)) var second: String
  @OptionGroup var dataFlags: DataFlags
  @OptionGroup var weightsFlag: WeightsFlag
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let first = try Installation.current.path(of: first, as: .weights)
    let second = try Installation.current.path(of: second, as: .weights)
    let checkpoints = (try Checkpoint(contentsOf: first), try Checkpoint(contentsOf: second))
    let paths = try dataFlags.requiredPaths()
    let data = try LabelledData(paths: paths, split: .test)
    guard data.samples.targets == .classes else {
      throw Failure(
        .data, "\(data.sampleFile): expected images with classes to compare by, found targets")
    }
    var familiarity = Familiarity(data)
    func evaluate(_ checkpoint: Checkpoint, _ file: String) throws -> Evaluation {
      try data.check(checkpoint.network)
      familiarity.warn(of: checkpoint, file: file)
      return Evaluation(
        try weightsFlag.network(of: checkpoint, file: file), on: data.samples,
        loss: checkpoint.settings.loss,
        labelSmoothing: checkpoint.settings.labelSmoothing, threads: threadsOption.threads)
    }
    let (a, b) = (try evaluate(checkpoints.0, first), try evaluate(checkpoints.1, second))
    let comparison = PairedComparison(
      first: a.predictions, second: b.predictions,
      labels: data.samples.labels((0..<Int32(data.samples.count)).map { $0 }))
    let sides = [
      Side(first, a, isAverage: weightsFlag.isAverage(checkpoints.0)),
      Side(second, b, isAverage: weightsFlag.isAverage(checkpoints.1)),
    ]
    if jsonFlag.json {
      return try JSONOutput.print(ComparisonOutput(comparison, sides[0], sides[1]))
    }
    for side in sides {
      Terminal.result(
        "\(side.file): accuracy \(Format.accuracy(side.evaluation))"
          + (side.isAverage ? ", averaged weights" : ""))
    }
    report(comparison)
  }

  /// One of the two models, measured.
  fileprivate struct Side {
    let file: String
    let evaluation: Evaluation
    let isAverage: Bool

    init(_ file: String, _ evaluation: Evaluation, isAverage: Bool) {
      (self.file, self.evaluation, self.isAverage) = (file, evaluation, isAverage)
    }
  }

  private func report(_ comparison: PairedComparison) {
    var table = Table([.text(""), .number("second right"), .number("second wrong")], gap: 1)
    table.add([
      "first right", Format.grouped(comparison.bothRight), Format.grouped(comparison.onlyFirst),
    ])
    table.add([
      "first wrong", Format.grouped(comparison.onlySecond), Format.grouped(comparison.bothWrong),
    ])
    Terminal.result("")
    table.print()
    func points(_ difference: Double) -> String { Format.fixed(100 * difference, 2) }
    let interval = comparison.interval
    Terminal.result("")
    Terminal.result(
      "difference \(points(comparison.difference)) points (95 % interval"
        + " \(points(interval.lowerBound)) to \(points(interval.upperBound)))")
    let least = 1e-300
    let probability =
      comparison.pValue < least
      ? "< \(Format.significant(least))" : "= \(Format.significant(comparison.pValue))"
    let verdict =
      comparison.pValue >= 0.05
      ? "no significant difference"
      : "the \(comparison.difference > 0 ? "first" : "second") is better"
    Terminal.result(
      "McNemar's exact test: p \(probability), \(verdict)")
  }
}

/// What `--json` prints.
private struct ComparisonOutput: Encodable {
  struct Model: Encodable {
    let file: String
    let weights: StoredWeights
    let accuracy: Double
    let interval: [Double]
  }

  let first: Model
  let second: Model
  let bothRight: Int
  let onlyFirst: Int
  let onlySecond: Int
  let bothWrong: Int
  let difference: Double
  let differenceInterval: [Double]
  let pValue: Double

  init(_ comparison: PairedComparison, _ a: Compare.Side, _ b: Compare.Side) {
    func model(_ side: Compare.Side) -> Model {
      let interval = side.evaluation.interval
      return Model(
        file: side.file, weights: StoredWeights(isAverage: side.isAverage),
        accuracy: side.evaluation.accuracy, interval: [interval.lowerBound, interval.upperBound])
    }
    first = model(a)
    second = model(b)
    bothRight = comparison.bothRight
    onlyFirst = comparison.onlyFirst
    onlySecond = comparison.onlySecond
    bothWrong = comparison.bothWrong
    difference = comparison.difference
    differenceInterval = [comparison.interval.lowerBound, comparison.interval.upperBound]
    pValue = comparison.pValue
  }
}
