import Files

/// The files of a run, named after the one that holds its last state.
public struct CheckpointFiles: Sendable {
  /// The last state: `NAME.weights.h5`, as the user wrote it.
  public let path: String
  /// The most states before it that ``kept(_:)`` names.
  public static let mostKept = 99

  private static let ending = ".weights.h5"

  /// Names the files of the run at `path`.
  public init(_ path: String) { self.path = path }

  /// The best state by validation: `NAME.best.weights.h5`.
  public var best: String { named("best") }

  /// The last state but `age`, from 1: `NAME.1.weights.h5`.
  public func kept(_ age: Int) -> String { named("\(age)") }

  /// Those of the files that are there, the last state first, then the kept ones from the newest on,
  /// then the best.
  package var existing: [String] {
    // A crash may have left a gap between those that are kept.
    ([path] + (1...Self.mostKept).map(kept) + [best]).filter(WholeFile.exists)
  }

  /// The newest intact state of the run besides the last one: one of those kept, or the best.
  package func newestIntactState() -> (path: String, checkpoint: Checkpoint)? {
    for path in existing where path != self.path {
      if let checkpoint = try? Checkpoint(contentsOf: path) { return (path, checkpoint) }
    }
    return nil
  }

  private func named(_ word: String) -> String {
    path.hasSuffix(Self.ending)
      ? "\(path.dropLast(Self.ending.count)).\(word)\(Self.ending)"
      : "\(path).\(word)\(Self.ending)"
  }
}
