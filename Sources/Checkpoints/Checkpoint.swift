import Files
import HDF5
import ModelFiles
import NeuralNetwork
import Training

/// A whole run in one file: the model, its weights, the optimizer's memory, the settings, and the
/// progress of training.
///
/// The file is a Keras 3 `.weights.h5` with a group `/minicnn` of our own, so Keras loads its
/// weights and optimizer directly.
public struct Checkpoint: Sendable {
  /// The model as a file states it.
  public var model: ModelFile
  /// The settings of the run.
  public var settings: TrainingSettings
  /// The state that the run has reached.
  public var state: TrainingState
  /// The training data, if known.
  public var data: DataReference?
  /// The data for validation alone, if there is such and it is known.
  public var validation: DataReference?
  /// The names of the classes; none where the samples have numbers for targets, as far as is known.
  public var classNames: [String]
  /// The version of MiniCNN that trained up to here; `nil` where the file does not say.
  public var version: String?

  /// The version of the group `/minicnn` that this code writes. It reads every version from 1 to
  /// this one, and so will later versions.
  package static let formatVersion: Int64 = 1
  static let versionPath = "/minicnn/format_version"
  private static let programPath = "/minicnn/version"
  private static let validationPath = "/minicnn/validation/samples"
  private static let shardsPath = "/minicnn/shards"
  private static let targetsPath = "/minicnn/targets"
  /// Where a file says that what only a resumed run needs was left out.
  private static let usePath = "/minicnn/use"
  /// The text at ``usePath``.
  private static let useText = "predictions"
  /// The text at ``targetsPath`` of a run whose samples have numbers for targets; with classes there is
  /// none, as before there were other targets.
  private static let valuesText = "values"

  /// The most bytes of the texts at one place of a file.
  static let largestText = 1 << 22

  /// Whether a file starts as a checkpoint or another HDF5 file does; a model file does not.
  package static func isLikely(_ path: String) throws(FileError) -> Bool {
    try SealedImage.isHDF5(path)
  }

  /// Creates a checkpoint; ``verifySaveable()`` says whether a file can hold it.
  public init(
    model: ModelFile, settings: TrainingSettings, state: TrainingState,
    data: DataReference? = nil, validation: DataReference? = nil, classNames: [String]
  ) {
    self.model = model
    self.settings = settings
    self.state = state
    self.data = data
    self.validation = validation
    self.classNames = classNames
  }

  /// Creates a checkpoint of a trainer's state. Before the first step this shows whether the run
  /// can be saved.
  ///
  /// - Parameters:
  ///   - model: the file the model came from; one is written for it where `nil`.
  ///   - classNames: the numerals from 0 where `nil` and there are classes.
  /// - Throws: a `ModelError` where no file can state the model (it has a layer of your own that is not in
  ///   the ``LayerRegistry``, or a name with spaces or slashes), and what ``verifySaveable()`` throws.
  public init(
    _ trainer: Trainer, model: ModelFile? = nil, data: DataReference? = nil,
    validation: DataReference? = nil, classNames: [String]? = nil
  ) throws {
    let network = trainer.state.network
    guard let model = model ?? ModelFile(network.spec) else {
      throw ModelError(unstatable: network.spec)
    }
    let count = trainer.state.basis.hasValues ? 0 : network.outputShape.count
    self.init(
      model: model, settings: trainer.settings, state: trainer.state, data: data,
      validation: validation, classNames: classNames ?? (0..<count).map(String.init))
    version = LibraryVersion.current
    try verifySaveable()
  }

  /// The network to use: with the average of the run's weights where it keeps one, or else with the
  /// last ones, which are in ``state`` either way.
  public var network: Network { state.averagedNetwork }

  /// What predictions, evaluations and new runs need of it, in a file of a third or a quarter of the size:
  /// without the optimizer's memory, with one set of weights, and without the folders that its data was in,
  /// as such a file is given away. No run is resumed from it.
  ///
  /// - Parameter averaged: whether the average of the run's weights is kept, where there is one; the last
  ///   ones otherwise.
  public func forUse(averaged: Bool = true) -> Checkpoint {
    var checkpoint = self
    checkpoint.state = state.forUse(averaged: averaged)
    checkpoint.data?.paths = []
    checkpoint.validation?.paths = []
    return checkpoint
  }

  /// Whether the samples of the run have classes, as far as is known: an older file without an epoch
  /// does not tell.
  public var hasClasses: Bool {
    !state.basis.hasValues && state.history.last.map { $0.accuracy != nil } ?? true
  }

  /// Writes the checkpoint; the file at `path` is the old one or the new one, never a part.
  ///
  /// - Parameter kept: where the old one is kept, and those before it, newest first.
  /// - Throws: a `FileError` where the file cannot be written, or could not be read again
  ///   (``verifySaveable()``).
  public func save(to path: String, keepingOldAt kept: [String] = []) throws(FileError) {
    try AtomicFile.write(try image(path), to: path, keepingOldAt: kept)
  }

  /// The SHA-256 of all that determines the outcome of the run: the model, the weights, the
  /// optimizer's memory, the settings, the progress and the history. Readings of the clock, the
  /// location of the data and the version are left out, so equal runs have equal digests.
  public func stateSHA256() throws(FileError) -> String {
    var copy = self
    copy.state.runningSeconds = 0
    for epoch in copy.state.history.indices { copy.state.history[epoch].seconds = 0 }
    copy.data?.paths = []
    copy.validation?.paths = []
    copy.version = nil
    return SHA256.digest(try copy.image("state")).hexadecimal
  }

  /// Reads a checkpoint.
  ///
  /// Weights and the optimizer's memory may be any floats: what is not finite can be inspected, and
  /// a run that resumes from it ends with a `DivergenceError` at its first step. All other numbers
  /// are checked for their range.
  ///
  /// - Throws: a `FileError` where the file is missing, damaged, of a newer version, or holds
  ///   weights only.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(HDF5File(reading: path))
  }

  /// Reads a checkpoint from a file's bytes; `path` is what messages call it.
  package init(image: [UInt8], path: String) throws(FileError) {
    try self.init(HDF5File(image: image, path: path))
  }

  /// Reads a checkpoint from bytes that come from a process of the same program, so that no other process
  /// needs to parse them; `path` is what messages call them.
  package init(trusted image: [UInt8], path: String) throws(FileError) {
    try self.init(HDF5File(image: image, path: path, isConfined: false))
  }

  /// The bytes of the file; `path` is what messages call it.
  package func image(_ path: String) throws(FileError) -> [UInt8] {
    do {
      try verifySaveable()
    } catch {
      throw FileError(.invalid, file: path, found: "\(error)")
    }
    let writer = try HDF5Writer(path: path)
    let network = state.network
    try WeightsFile.write(network, to: writer)
    // Keras wants a rate here; it is only informative, as ours follows from the settings.
    let rate = state.history.last.map { Float($0.learningRate) } ?? settings.learningRate
    try OptimizerFile.write(
      state.optimizer, rule: settings.update.optimizer, rate: rate, network: network, to: writer)
    if state.average != nil {
      try WeightsFile.write(state.averagedNetwork, to: writer, below: WeightsFile.average)
    }
    try writer.write([Self.formatVersion], shape: [], to: Self.versionPath)
    try writer.write([model.text], to: "/minicnn/model")
    try writer.write([TrainingOptions(settings).yaml], to: "/minicnn/training")
    try writer.write([settings.seed], shape: [], to: "/minicnn/seed")
    // Every reader so far wants a name for each output, of whatever it is.
    let outputs = network.outputShape.count
    try writer.write(
      classNames.isEmpty ? (0..<outputs).map(String.init) : classNames, to: "/minicnn/classes")
    if !settings.hasFirstShards {
      try writer.write([Int64(settings.shards)], shape: [], to: Self.shardsPath)
    }
    if state.basis.hasValues { try writer.write([Self.valuesText], to: Self.targetsPath) }
    if state.isForUse { try writer.write([Self.useText], to: Self.usePath) }
    if let version { try writer.write([version], to: Self.programPath) }
    if let data = data ?? state.basis.dataSHA256.map({ DataReference(paths: [], sha256: $0) }) {
      try writer.write(data.paths, to: "/minicnn/data/paths")
      try writer.write([data.sha256], to: "/minicnn/data/sha256")
    }
    if let samples = state.basis.validationSamples {
      try writer.write([Int64(samples)], shape: [], to: Self.validationPath)
      if let digest = validation?.sha256 ?? state.basis.validationSHA256 {
        try writer.write([digest], to: "/minicnn/validation/sha256")
      }
      if let validation { try writer.write(validation.paths, to: "/minicnn/validation/paths") }
    }
    try ProgressFile.write(state, to: writer)
    return try writer.finish()
  }

  private init(_ file: consuming HDF5File) throws(FileError) {
    let path = file.path
    guard try file.kind(of: Self.versionPath) != nil else {
      throw FileError(
        .invalid, file: path, place: "/minicnn", expected: "a full training state",
        found: "weights only",
        hint: "use them with --init and the --model they belong to")
    }
    let version = try file.read(Self.versionPath, as: Int64.self, shape: [])[0]
    guard version <= Self.formatVersion else {
      throw FileError(
        .invalid, file: path, place: Self.versionPath,
        expected: "at most \(Self.formatVersion), the newest that this minicnn knows",
        found: "\(version)", hint: "a newer minicnn wrote this file")
    }
    guard version >= 1 else {
      throw FileError(
        .invalid, file: path, place: Self.versionPath, expected: "a version from 1",
        found: "\(version)", hint: "no minicnn wrote this file")
    }
    model = try ModelFile(text: try Self.text(file, "/minicnn/model"), file: "\(path): model")
    let options = try TrainingOptions(
      yaml: try Self.text(file, "/minicnn/training"), file: "\(path): training")
    let seed = try file.read("/minicnn/seed", as: UInt64.self, shape: [])[0]
    let validationSamples = try Self.validationSamples(file)
    do {
      settings = try options.resolve(
        defaultSeed: seed, hasValidationSet: validationSamples != nil)
      settings.hasFirstShards = try !Self.hasShards(file, settings)
      // A model that is too large for the file is refused before memory is allocated for it.
      var network = try Network(model.spec, seed: seed, limit: 16_000 + file.upperBound / 4)
      try settings.loss.check(network)
      try WeightsFile.read(file, into: &network)
      state = TrainingState(network: network, settings: settings)
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(.invalid, file: path, found: "\(error)")
    }
    let isForUse = try Self.says(Self.useText, at: Self.usePath, file)
    state.optimizer = try OptimizerFile.read(
      file, rule: settings.update.optimizer, network: state.network, withSlots: !isForUse)
    if isForUse {
      state = state.forUse()
    } else if settings.weightAverage != nil {
      var averaged = state.network
      try WeightsFile.read(file, into: &averaged, below: WeightsFile.average)
      state.average = averaged.variables
    }
    try ProgressFile.read(file, into: &state)
    classNames = try file.readTexts("/minicnn/classes", limit: Self.largestText)
    guard classNames.count == state.network.outputShape.count else {
      throw FileError(
        .invalid, file: path, place: "/minicnn/classes",
        expected: "\(state.network.outputShape.count) names, one for each output",
        found: "\(classNames.count)")
    }
    if try Self.says(Self.valuesText, at: Self.targetsPath, file) {
      state.basis.hasValues = true
      classNames = []
    }
    if try file.kind(of: Self.programPath) != nil {
      let text = try Self.text(file, Self.programPath)
      guard Self.isVersion(text) else {
        throw FileError(
          .invalid, file: path, place: Self.programPath, expected: Self.versionForm,
          found: text.debugDescription)
      }
      self.version = text
    }
    if try file.kind(of: "/minicnn/data") == .group {
      data = DataReference(
        paths: try file.readTexts("/minicnn/data/paths", limit: Self.largestText),
        sha256: try Self.text(file, "/minicnn/data/sha256"))
      // Anything else there names no data, and would be quoted.
      state.basis.dataSHA256 = data.flatMap { $0.hasDigest ? $0.sha256 : nil }
    }
    state.basis.validationSamples = validationSamples
    if validationSamples != nil, try file.kind(of: "/minicnn/validation/sha256") != nil {
      let digest = try Self.text(file, "/minicnn/validation/sha256")
      let isKnown = try file.kind(of: "/minicnn/validation/paths") != nil
      let reference = DataReference(
        paths: isKnown
          ? try file.readTexts("/minicnn/validation/paths", limit: Self.largestText) : [],
        sha256: digest)
      if isKnown { validation = reference }
      if reference.hasDigest { state.basis.validationSHA256 = digest }
    }
  }

  /// What a text must be to be a version, which messages quote.
  static let versionForm = "a version of up to 32 letters, digits, dots, plus and minus signs"

  static func isVersion(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count)
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".+-".contains($0)) }
  }

  /// The number of samples for validation alone; `nil` where the run has none.
  private static func validationSamples(_ file: borrowing HDF5File) throws(FileError) -> Int? {
    guard try file.kind(of: "/minicnn/validation") == .group else { return nil }
    let samples = try file.read(validationPath, as: Int64.self, shape: [])[0]
    guard (1...Int64(Int32.max)).contains(samples) else {
      throw FileError(
        .invalid, file: file.path, place: validationPath, expected: "1 to \(Int32.max)",
        found: "\(samples)")
    }
    return Int(samples)
  }

  /// Whether a text that a file has only in one case is there.
  private static func says(
    _ text: String, at path: String, _ file: borrowing HDF5File
  ) throws(FileError) -> Bool {
    guard try file.kind(of: path) != nil else { return false }
    let found = try Self.text(file, path)
    guard found == text else {
      throw FileError(
        .invalid, file: file.path, place: path, expected: text, found: found.debugDescription)
    }
    return true
  }

  /// Whether a file was saved since there is a choice of shards.
  private static func hasShards(
    _ file: borrowing HDF5File, _ settings: TrainingSettings
  ) throws(FileError) -> Bool {
    guard try file.kind(of: shardsPath) != nil else { return false }
    let shards = try file.read(shardsPath, as: Int64.self, shape: [])[0]
    guard shards == settings.shards else {
      throw FileError(
        .invalid, file: file.path, place: shardsPath,
        expected: "\(settings.shards), as the settings say", found: "\(shards)")
    }
    return true
  }

  private static func text(
    _ file: borrowing HDF5File, _ path: String
  ) throws(FileError) -> String {
    let texts = try file.readTexts(path, limit: largestText)
    guard texts.count == 1 else {
      throw FileError(
        .invalid, file: file.path, place: path, expected: "one text", found: "\(texts.count)")
    }
    return texts[0]
  }
}
