import Files

/// The files that a command writes.
struct OutputFiles {
  private let paths: [String]

  init(_ paths: [String]) { self.paths = paths }

  /// Throws, before any work is done, where one is there already and may not be replaced, or cannot be
  /// written.
  func check(overwrite: Bool) throws {
    for (number, path) in paths.enumerated() {
      if paths[..<number].contains(where: { isSameFile($0, path) }) {
        throw Failure(
          .usage, "\(path): is to hold two things at once; --output names another file")
      }
      guard overwrite || !WholeFile.exists(path) else {
        throw Failure(
          .usage, "\(path): already exists; --overwrite replaces it, --output names another")
      }
      try AtomicFile.verifyWritable(path)
    }
  }

  /// Writes them, the contents in the order of the paths.
  func write(_ contents: [[UInt8]]) throws(FileError) {
    for (path, bytes) in zip(paths, contents) { try AtomicFile.write(bytes, to: path) }
  }
}
