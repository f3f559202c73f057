/// The version of this library and of its tool.
public enum LibraryVersion {
  /// Semantic: what a version may change, docs/compatibility.md says.
  public static let current = "1.0.0"
}
