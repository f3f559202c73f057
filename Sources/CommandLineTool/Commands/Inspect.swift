import ArgumentParser
import MiniCNN

/// What a checkpoint holds.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a checkpoint, or another framework's model, holds.",
    discussion: """
      EXAMPLES
        minicnn inspect lenet5.weights.h5
        minicnn inspect lenet5.weights.h5 --json
        minicnn inspect theirs.keras

      JSON: model, parameters, epoch (finished ones), epochs, batch (of the epoch under way), \
      steps, finished, resumable (false for what `minicnn export` wrote, whose data is []), seed, \
      settings (YAML), classes, data, dataSHA256, history (as `train --json` prints it), bestEpoch, weightsSHA256 (of the last ones), averageSHA256 (of \
      their average, where the run keeps one), stateSHA256 (of all that decides the outcome: \
      weights, average, optimizer, settings, progress, history without times), version (of minicnn; left out \
      where the file does not say). Of another \
      framework's file: model, format, parameters, layers, outputs (logits, probabilities, scores or \
      numbers), classes, weightsSHA256.
      """)

  @OptionGroup var source: ModelSourceArgument
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let source = try source.read()
    guard let checkpoint = source.checkpoint else {
      return try ForeignInspection(source).print(asJSON: jsonFlag.json)
    }
    let output = try InspectionOutput(checkpoint)
    if jsonFlag.json { return try JSONOutput.print(output) }
    var place = "\(output.epoch) of \(Format.count(output.epochs, "epoch")) done"
    if output.batch > 0 {
      place += ", \(Format.count(output.batch, "batch", "batches")) of the next"
    }
    if output.finished { place += ", finished" }
    var facts = FactList()
    facts.add("model", "\(output.model), \(Format.grouped(output.parameters)) parameters")
    facts.add("training", "\(place), \(Format.count(output.steps, "step"))")
    if !output.resumable {
      facts.add("kept", "what predictions need; no run can be resumed from it")
    }
    facts.add("settings", checkpoint.settings.summary)
    facts.add("seed", "\(output.seed)")
    facts.add("data", dataPlace(output))
    facts.add("data SHA-256", output.dataSHA256 ?? "unknown")
    facts.add(
      "classes",
      output.classes.isEmpty
        ? "none, the targets are numbers" : output.classes.joined(separator: ", "))
    if let version = output.version { facts.add("saved by", "minicnn \(version)") }
    facts.add("weights SHA-256", output.weightsSHA256)
    if let average = output.averageSHA256 { facts.add("average SHA-256", average) }
    facts.add("state SHA-256", output.stateSHA256)
    facts.print()
    if !output.history.isEmpty { history(output).print() }
  }

  private func dataPlace(_ output: InspectionOutput) -> String {
    guard let paths = output.data else { return "unknown" }
    guard paths.isEmpty else { return paths.joined(separator: ", ") }
    return output.resumable ? "in memory" : "its place is not said"
  }

  /// A line for each epoch.
  private func history(_ output: InspectionOutput) -> Table {
    let isValidated = output.history.contains {
      $0.validationAccuracy != nil || $0.validationLoss != nil
    }
    var table = Table(
      [.number("epoch"), .number("loss"), .number("accuracy")]
        + (isValidated ? [.number("validation"), .text("")] : []))
    for record in output.history {
      let validation = [
        record.validationAccuracy.map(Format.percent)
          ?? (record.accuracy == nil ? record.validationLoss.map { Format.fixed($0, 4) } : nil)
            ?? "-",
        record.epoch == output.bestEpoch ? "best" : "",
      ]
      table.add(
        [
          "\(record.epoch)", Format.fixed(record.loss, 4),
          record.accuracy.map(Format.percent) ?? "-",
        ] + (isValidated ? validation : []))
    }
    return table
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
  let resumable: Bool
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
  let version: String?

  init(_ checkpoint: Checkpoint) throws(FileError) {
    let state = checkpoint.state
    model = checkpoint.model.spec.name
    parameters = checkpoint.network.parameterCount
    epoch = state.epoch
    epochs = checkpoint.settings.epochs
    batch = state.batch
    steps = state.optimizer.step
    finished = state.isFinished(checkpoint.settings)
    resumable = !state.isForUse
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
    version = checkpoint.version
  }
}
