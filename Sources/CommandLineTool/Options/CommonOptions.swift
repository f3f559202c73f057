import ArgumentParser
import MiniCNN

/// On how many threads a command works.
struct ThreadsOption: ParsableArguments {
  @Option(help: "Threads (default: one for each processor).") var threads: Int?

  func validate() throws {
    try RunOptions(threads: threads).checkFlags()
  }
}

extension RunOptions {
  /// Throws for the first option that is out of its range, by the name of its flag.
  func checkFlags() throws {
    do throws(SettingError) {
      try check()
    } catch {
      throw ValidationError(error.asTyped)
    }
  }
}

/// Whether a command prints its results for scripts.
struct JSONFlag: ParsableArguments {
  @Flag(help: "Print JSON for scripts, one object per line.") var json = false
}

/// The model file that a command takes.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model file (YAML), or the name of an installed model.", valueName: "file"),
    completion: .lookUp(.modelFile))
  var model: String?

  /// Throws where no model was named.
  func checkNamed() throws { _ = try named() }

  /// The path of the file; throws where there is none.
  func requiredPath() throws -> String {
    try Installation.current.path(of: try named(), as: .model)
  }

  private func named() throws -> String {
    guard let model else { throw ValidationError("name a model with --model") }
    return model
  }

  /// Reads the file that was named, if any.
  func read() throws -> ModelFile? { try model.map { try Self.read(named: $0) } }

  /// Reads the model file at a path, or the installed one of a name.
  static func read(named text: String) throws -> ModelFile {
    try read(Installation.current.path(of: text, as: .model))
  }

  /// Reads a model file, and says of a checkpoint which commands take one.
  static func read(_ path: String) throws -> ModelFile {
    try refuseCheckpoint(path)
    return try ModelFile(contentsOf: path)
  }

  /// Throws where a file is a checkpoint and no model file.
  static func refuseCheckpoint(_ path: String) throws(FileError) {
    guard try Checkpoint.isLikely(path) else { return }
    throw FileError(
      .invalid, file: path, expected: "a model file (YAML)", found: "an HDF5 file",
      hint:
        "minicnn train takes a checkpoint's weights with --init, and continues its run with --resume"
    )
  }
}

extension CompletionKind {
  /// A file in YAML.
  static var yaml: CompletionKind { .file(extensions: ["yaml", "yml"]) }
  /// A checkpoint.
  static var checkpoint: CompletionKind { .file(extensions: ["h5"]) }
  /// An IDX file, gzipped or not, whose name has no ending of its own.
  static var idx: CompletionKind { .file(extensions: ["*idx*"]) }
  /// A picture of a kind that is read.
  static var picture: CompletionKind {
    let endings = ["png", "jpg", "jpeg", "pgm", "ppm", "pnm"]
    return .file(extensions: endings + endings.map { $0.uppercased() })
  }
}
