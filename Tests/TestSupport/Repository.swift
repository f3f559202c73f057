/// The checkout that the tests were built from.
public enum Repository {
  /// The path of a file or folder named from the top of the checkout.
  public static func path(_ name: String) -> String {
    let components = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return components.joined(separator: "/") + "/" + name
  }
}
