/// A model's name as C and C++ can say it: letters, digits and single underscores, none of it reserved.
///
/// Everything that a C file defines for others begins with it, so that several models can be linked into one program.
struct CIdentifier: Hashable {
  /// The identifier: `digits_tiny` for a model called digits-tiny.
  let text: String
  /// The same for macros: `DIGITS_TINY`.
  var capitals: String { text.uppercased() }

  /// The longest one; C promises to tell the first 31 characters apart, every compiler in use tells more.
  static let longest = 40

  /// What follows these is the C library's: `strokes` could be a function of a later version.
  private static let reserved = ["str", "mem", "wcs", "is", "to"]

  /// Makes one of any text.
  init(_ name: String) {
    var text = Self.words(of: name)
    let isReserved = Self.reserved.contains { prefix in
      text.hasPrefix(prefix)
        && text.utf8.dropFirst(prefix.utf8.count).first.map(Self.isSmall) == true
    }
    let startsWithDigit = text.utf8.first.map { (48...57).contains($0) } ?? false
    if text.isEmpty || startsWithDigit || isReserved {
      text = text.isEmpty ? "model" : "model_\(text)"
    }
    self.text = text
  }

  /// The letters and digits of a text, with an underscore for whatever is between them.
  static func words(of name: String) -> String {
    var text: [UInt8] = []
    for byte in name.utf8 {
      let isWord = isSmall(byte) || (65...90).contains(byte) || (48...57).contains(byte)
      guard isWord || (!text.isEmpty && text.last != UInt8(ascii: "_")) else { continue }
      guard text.count < longest else { break }
      text.append(isWord ? byte : UInt8(ascii: "_"))
    }
    if text.last == UInt8(ascii: "_") { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }

  private static func isSmall(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
}

/// The names that one file gives to what only it uses: each made from a layer's name, none twice.
struct CNames {
  /// What they all begin with.
  let prefix: CIdentifier
  private var taken: Set<String>

  /// - Parameter taken: names after the prefix that are something else's.
  init(_ prefix: CIdentifier, taken: some Sequence<String>) {
    self.prefix = prefix
    self.taken = Set(taken)
  }

  /// A new name: `digits_tiny_conv2d_1_kernel` for a layer called conv2d_1.
  mutating func make(_ layer: String, _ part: String) -> String {
    let words = CIdentifier.words(of: layer)
    let base = words.isEmpty ? part : "\(words)_\(part)"
    var name = base, number = 1
    while !taken.insert(name).inserted {
      number += 1
      name = "\(base)_\(number)"
    }
    return "\(prefix.text)_\(name)"
  }
}
