import Foundation
import NeuralNetwork

/// What a processor must come to, whichever it is: digests by name, in a file of the repository.
///
/// With `MINICNN_RECORD_DIGESTS` set they are not looked up but added to a file beside it, of which
/// `make record-digests` makes the next one.
public struct RecordedDigests: Sendable {
  private let digests: [String: String]
  private let newFile: String?

  /// Whether the loops in use are among those that agree: all of 64-bit ARM and of x86-64 with AVX2.
  public static var apply: Bool { InstructionSet.arithmetic == InstructionSet.fused }

  /// Reads a file of lines, each a name, a tab and a digest.
  ///
  /// - Parameter file: its path from the top of the repository.
  public init(_ file: String) {
    let path = Repository.path(file)
    let lines = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
    digests = Dictionary(
      lines.map { line in
        let parts = line.split(separator: "\t")
        return (String(parts[0]), String(parts[1]))
      }, uniquingKeysWith: { _, last in last })
    let records = ProcessInfo.processInfo.environment["MINICNN_RECORD_DIGESTS"] != nil
    newFile = records ? path + ".new" : nil
  }

  /// Of what there are digests; of nothing while they are recorded.
  public var names: Set<String> { Set(digests.keys) }

  /// The recorded digest of that name, "none" if there is none.
  ///
  /// - Parameter found: what is recorded if this run records.
  public func digest(of name: String, found: String) -> String {
    guard let newFile else { return digests[name] ?? "none" }
    // One write at the end of the file, which tests that run side by side cannot break up.
    let file = fopen(newFile, "a")
    fputs("\(name)\t\(found)\n", file)
    fclose(file)
    return found
  }
}
