import ArgumentParser
import MiniCNN

/// What a run starts from, gathered from flags, model file, checkpoint and data.
struct TrainingSetup {
  let model: ModelFile
  let settings: TrainingSettings
  let state: TrainingState
  let data: LabelledData
  let reference: DataReference
  let classNames: [String]
  /// Where the states are saved.
  let store: CheckpointStore

  /// A new run.
  init(_ command: Train) throws {
    let source = try command.`init`.map { try InitialWeights($0, needsModel: command.model == nil) }
    let model = try command.model.map { try ModelFile(contentsOf: $0) } ?? source?.model
    guard let model else { throw Failure(.usage, "name a model with --model") }
    self.model = model
    let path = command.checkpoint ?? "\(model.spec.name).weights.h5"
    let file = command.model ?? command.`init`
    settings = try TrainingSettings(
      command.flags.options(), model: model.training, file: file,
      defaultSeed: UInt64.random(in: 0..<(1 << 53)))
    var network = try model.spec.network(
      seed: settings.seed, loss: settings.loss, file: file ?? "model")
    try source?.load(into: &network)
    store = try CheckpointStore(
      path: path, keep: command.keep, replacesRun: command.overwrite)
    if !command.overwrite { try Self.refuseExisting(store.files) }
    data = try LabelledData(paths: try command.dataFlags.requiredPaths(), split: .train)
    try data.check(network)
    state = TrainingState(network: network, settings: settings)
    classNames = data.names(count: network.outputShape.count)
    reference = data.reference
  }

  /// A run that goes on, or `nil` after saying that it has nothing left to do.
  init?(resuming path: String, _ command: Train) throws {
    // Before the state is read: another run might be about to replace it.
    store = try CheckpointStore(path: command.checkpoint ?? path, keep: command.keep)
    if let other = command.checkpoint, other != path, !command.overwrite {
      try Self.refuseExisting(store.files)
    }
    let checkpoint = try Self.read(path)
    model = checkpoint.model
    state = checkpoint.state
    classNames = checkpoint.classNames
    var settings = checkpoint.settings
    if let epochs = try command.flags.options()["epochs"].flatMap({ Int($0) }) {
      guard epochs >= settings.epochs || epochs > state.epoch else {
        throw SettingError(
          "epochs", expected: "a total above the \(state.epoch) that are done", found: "\(epochs)")
      }
      if epochs > settings.epochs, settings.schedule.course.holdsAfterLength {
        Terminal.message(
          "the schedule keeps its length of \(settings.scheduleEpochs ?? settings.epochs) epochs;"
            + " behind it the last learning rate holds")
      }
      settings.scheduleEpochs = settings.scheduleEpochs ?? settings.epochs
      settings.epochs = epochs
    }
    self.settings = settings
    if state.isFinished(settings) {
      let reason = state.stoppedEarly ? "stopped early in epoch" : "is finished, epoch"
      Terminal.message(
        "\(path): the run \(reason) \(state.epoch) of \(settings.epochs); nothing to do"
          + (state.stoppedEarly ? "" : " (--epochs raises the total)"))
      return nil
    }
    if let limit = command.maxSteps, state.optimizer.step >= limit {
      Terminal.message(
        "\(path): the run stands after step \(state.optimizer.step), --max-steps is \(limit);"
          + " nothing to do")
      return nil
    }
    guard let stored = checkpoint.data else {
      throw Failure(.data, "\(path): the checkpoint does not say what it was trained on")
    }
    let paths = command.dataFlags.paths ?? stored.paths
    do throws(FileError) {
      data = try LabelledData(paths: paths, split: .train)
    } catch {
      var error = error
      if command.dataFlags.paths == nil {
        error.hint = "\(path) was trained on it; if it has moved, name it with --data"
      }
      throw error
    }
    try data.check(state.network)
    let sha256 = data.set.identity().hexadecimal
    guard sha256 == stored.sha256 else {
      throw FileError(
        .invalid, file: data.set.imageFile, place: "SHA-256 of images and labels",
        expected: "\(stored.sha256), as the run began with", found: sha256,
        hint: "name the original data with --data, or start anew with --init")
    }
    reference = DataReference(paths: paths, sha256: sha256)
  }

  private static func refuseExisting(_ files: CheckpointFiles) throws {
    for path in [files.path, files.best] where WholeFile.exists(path) {
      throw Failure(
        .usage,
        "\(path): exists already; --overwrite replaces it, --resume goes on with it,"
          + " --checkpoint names another")
    }
  }

  /// Reads the state to go on from; where it is broken, the one before is offered by name.
  private static func read(_ path: String) throws(FileError) -> Checkpoint {
    do throws(FileError) {
      return try Checkpoint(contentsOf: path)
    } catch {
      guard let (older, checkpoint) = CheckpointFiles(path).newestWholeOne() else { throw error }
      var error = error
      error.hint =
        "\(older) is whole, \(checkpoint.state.place); go on from there with:"
        + " minicnn train --resume \(older) --checkpoint \(path) --overwrite"
      throw error
    }
  }
}

extension TrainingState {
  /// Where a run stands, for messages: `after step 35 (the end of epoch 5)`.
  var place: String {
    "after step \(optimizer.step) ("
      + (batch == 0 ? "the end of epoch \(epoch)" : "epoch \(epoch + 1), batch \(batch)") + ")"
  }
}

/// The weights, and if need be the model, that a new run starts from.
struct InitialWeights {
  let path: String
  let model: ModelFile?

  init(_ path: String, needsModel: Bool) throws(FileError) {
    self.path = path
    model = needsModel ? try Checkpoint(contentsOf: path).model : nil
  }

  func load(into network: inout Network) throws(FileError) {
    try network.loadWeights(from: path)
  }
}
