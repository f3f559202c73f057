/// The data a run trains on: its location and its digest.
public struct DataReference: Hashable, Sendable {
  /// The folder, or the image file and the label file.
  public var paths: [String]
  /// The SHA-256 of the decoded images and labels, in hexadecimal.
  public var sha256: String

  /// Names data.
  public init(paths: [String], sha256: String) {
    self.paths = paths
    self.sha256 = sha256
  }

  /// Whether ``sha256`` has the form of a digest.
  var hasDigest: Bool {
    sha256.utf8.count == 64
      && sha256.allSatisfy { ("0"..."9").contains($0) || ("a"..."f").contains($0) }
  }
}
