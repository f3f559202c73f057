import Foundation

/// What a release has promised to keep, a line each, in a file of the repository.
///
/// With `MINICNN_RECORD_PROMISES` set (`make record-promises`) the file is written anew.
public struct RecordedPromises {
  private let path: String
  private let what: String

  /// - Parameters:
  ///   - file: its path from the top of the repository.
  ///   - what: what a line is, for the message, such as "a key of --json".
  public init(_ file: String, of what: String) {
    path = Repository.path(file)
    self.what = what
  }

  /// What is wrong with the lines that are found, a sentence each; nothing where they are those of the file.
  public func complaints(about found: some Sequence<String>) throws -> [String] {
    let found = Set(found)
    if ProcessInfo.processInfo.environment["MINICNN_RECORD_PROMISES"] != nil {
      let text = found.sorted().map { $0 + "\n" }.joined()
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
    let kept = Set(
      try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init))
    return kept.subtracting(found).sorted().map {
      "\($0): \(what) that 1.x promises to keep (docs/compatibility.md) is gone or another one"
    }
      + found.subtracting(kept).sorted().map {
        "\($0): \(what) that is new, or was changed; if it is meant, make record-promises adds it"
      }
  }
}
