import ArgumentParser
import MiniCNN

/// What a checkpoint holds.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what is in a checkpoint and where its training stands.",
    discussion: """
      EXAMPLES
        minicnn inspect lenet5.weights.h5
        minicnn inspect lenet5.weights.h5 --json

      JSON: model, parameters, epoch (finished ones), epochs, batch (of the epoch under way),
      steps, finished, seed, settings (YAML), classes, data, dataSHA256, history (as
      `train --json` prints it), bestEpoch, weightsSHA256 (of the last ones), averageSHA256 (of
      their average, where the run keeps one), stateSHA256 (of all that the outcome follows from:
      weights, average, optimizer, settings, progress, history without times).
      """)

  @Argument(help: "The checkpoint.") var file: String
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let checkpoint = try Checkpoint(contentsOf: file)
    let output = try InspectionOutput(checkpoint)
    if json { return try JSONOutput.print(output) }
    var place = "epoch \(output.epoch) of \(output.epochs) done"
    if output.batch > 0 { place += ", \(output.batch) batches of the next" }
    if output.finished { place += ", finished" }
    var rows = [
      ("model", "\(output.model), \(Format.grouped(output.parameters)) parameters"),
      ("training", "\(place), \(Format.grouped(output.steps)) steps"),
      ("settings", checkpoint.settings.summary),
      ("seed", "\(output.seed)"),
      ("data", output.data?.joined(separator: ", ") ?? "unknown"),
      ("data SHA-256", output.dataSHA256 ?? "unknown"),
      ("classes", output.classes.joined(separator: ", ")),
      ("weights SHA-256", output.weightsSHA256),
    ]
    if let average = output.averageSHA256 { rows.append(("average SHA-256", average)) }
    rows.append(("state SHA-256", output.stateSHA256))
    for (name, value) in rows { Terminal.result("\(Format.left(name, 16)) \(value)") }
    for record in output.history {
      var line = "epoch \(record.epoch)  loss \(Format.fixed(record.loss, 4))"
      line += "  accuracy \(Format.percent(record.accuracy))"
      if let accuracy = record.validationAccuracy {
        line += "  validation \(Format.percent(accuracy))"
      }
      if record.epoch == output.bestEpoch { line += "  (best)" }
      Terminal.result(line)
    }
  }
}

extension TrainingSettings {
  /// The settings on one line.
  fileprivate var summary: String {
    TrainingOptions(self).yaml.split(separator: "\n").filter { !$0.hasPrefix("seed") }
      .joined(separator: ", ")
  }
}

/// What `--json` prints.
private struct InspectionOutput: Encodable {
  let model: String
  let parameters: Int
  let epoch: Int
  let epochs: Int
  let batch: Int
  let steps: Int
  let finished: Bool
  let seed: UInt64
  let settings: String
  let classes: [String]
  let data: [String]?
  let dataSHA256: String?
  let history: [EpochRecord]
  let bestEpoch: Int?
  let weightsSHA256: String
  let averageSHA256: String?
  let stateSHA256: String

  init(_ checkpoint: Checkpoint) throws(FileError) {
    let state = checkpoint.state
    model = checkpoint.model.spec.name
    parameters = checkpoint.network.parameterCount
    epoch = state.epoch
    epochs = checkpoint.settings.epochs
    batch = state.batch
    steps = state.optimizer.step
    finished = state.isFinished(checkpoint.settings)
    seed = checkpoint.settings.seed
    settings = TrainingOptions(checkpoint.settings).yaml
    classes = checkpoint.classNames
    data = checkpoint.data?.paths
    dataSHA256 = checkpoint.data?.sha256
    history = state.history
    bestEpoch = state.best?.epoch
    weightsSHA256 = state.network.weightsSHA256
    averageSHA256 = state.average.map { _ in state.averagedNetwork.weightsSHA256 }
    stateSHA256 = try checkpoint.stateSHA256()
  }
}
