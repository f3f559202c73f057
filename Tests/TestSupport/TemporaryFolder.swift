import Foundation

/// A folder for one test, removed with everything in it when the test lets it go.
public final class TemporaryFolder {
  /// Where it is.
  public let path: String

  /// Makes an empty folder.
  public init() throws {
    path = NSTemporaryDirectory() + "minicnn-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// What lies in it, hidden files included.
  public var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  /// Writes a file and returns its path.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  /// Makes a folder of the repository appear under its own name.
  public func link(_ name: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: self(name), withDestinationPath: Repository.path(name))
  }

  /// An error's sentence without this folder's path.
  public func sentence(_ error: (any Error)?) -> String? {
    error.map { "\($0)".replacingOccurrences(of: path + "/", with: "") }
  }
}

/// The sentence of the error that some code throws.
public func complaint<Result>(_ body: () throws -> Result) -> String {
  do {
    _ = try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}
