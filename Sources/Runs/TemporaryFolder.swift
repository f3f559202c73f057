import Files

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A folder of the tool's own, removed with everything in it.
package struct TemporaryFolder: ~Copyable {
  private let path: String

  package init() throws(FileError) {
    path = FileManager.default.temporaryDirectory.path + "/minicnn-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    } catch {
      throw FileError(.inputOutput, file: path, found: "the folder cannot be made")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}
