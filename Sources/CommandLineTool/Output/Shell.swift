import Files
import MiniCNN

/// Commands that are printed to be run again.
enum Shell {
  /// A command of this tool, which a shell reads exactly as meant.
  static func command(_ words: [String]) -> String {
    (["minicnn"] + words).map(quoted).joined(separator: " ")
  }

  /// A path that no command takes for a flag.
  static func path(_ path: String) -> String { path.hasPrefix("-") ? "./\(path)" : path }

  /// A word in quotes where it has characters that mean something to a shell.
  static func quoted(_ word: String) -> String {
    if word.unicodeScalars.contains(where: \.leavesLine) {
      return "$'" + word.utf8.map(escaped).joined() + "'"
    }
    let isPlain = word.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || ("0"..."9").contains($0)
        || "_@%+=:,./-".unicodeScalars.contains($0)
    }
    guard !isPlain || word.isEmpty else { return word }
    // Scalar by scalar: to Swift, a quote with a combining mark is another character than a quote.
    return "'"
      + word.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
      .map { String($0) }.joined(separator: "'\\''") + "'"
  }

  /// A byte as `$'…'` writes it.
  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\\"), UInt8(ascii: "'"): "\\" + String(UnicodeScalar(byte))
    case 0x20..<0x7F: String(UnicodeScalar(byte))
    default: "\\" + String(UInt(byte) + 0o1000, radix: 8).dropFirst()
    }
  }
}
