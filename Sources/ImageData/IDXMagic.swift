/// The first four bytes of an IDX file: two zeros, the type of an element, the number of dimensions.
struct IDXMagic: Equatable {
  /// The four bytes as a big-endian number.
  let number: UInt32

  /// Labels: `[N]` unsigned bytes.
  static let labels = IDXMagic(number: 2049)
  /// Images of one channel: `[N, height, width]` unsigned bytes.
  static let images3D = IDXMagic(number: 2051)
  /// Images: `[N, height, width, channels]` unsigned bytes.
  static let images4D = IDXMagic(number: 2052)

  /// The magic number of elements in so many dimensions.
  init(_ element: IDXElement, rank: Int) {
    number = element.rawValue << 8 | UInt32(rank)
  }

  init(number: UInt32) { self.number = number }

  /// The type of an element, where it is one that is read.
  var element: IDXElement? { IDXElement(rawValue: number >> 8) }

  /// The number of dimensions it states.
  var rank: Int { Int(number & 0xff) }

  /// The type of an element, where the first three bytes are those of an IDX file.
  private var elementName: String? {
    switch number >> 8 {
    case 0x08: "unsigned bytes"
    case 0x09: "signed bytes"
    case 0x0b: "16-bit integers"
    case 0x0c: "32-bit integers"
    case 0x0d: "32-bit floats"
    case 0x0e: "64-bit floats"
    default: nil
    }
  }

  /// The number and its meaning: `2051 (3-D unsigned bytes)`.
  var description: String {
    if let elementName { return "\(number) (\(rank)-D \(elementName))" }
    let digits = String(number, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// What may have happened when this number is where that of `kind` should be.
  func hint(expecting kind: IDXKind) -> String {
    if kind == .images && self == .labels { return "is this the label file?" }
    if kind == .labels && IDXKind.images.accepts(self) { return "is this the image file?" }
    if elementName != nil {
      let readable =
        kind == .labels
        ? "unsigned bytes, and targets as 32-bit floats, are read"
        : "unsigned bytes, 16-bit integers and 32-bit floats are read"
      return element != nil && (kind == .images || element == .byte)
        ? "\(kind.contentName) have \(kind == .labels ? "1 dimension" : "3 or 4 dimensions")"
        : "only " + readable
    }
    if number >> 16 == 0x1f8b { return "the file was compressed twice" }
    switch number {
    case 0x504b_0304: return "this is a zip archive, unpack it first"
    // "<!DO", "<!do", "<htm", "<HTM"
    case 0x3c21_444f, 0x3c21_646f, 0x3c68_746d, 0x3c48_544d:
      return "this is a web page, the download went wrong"
    default: return "this is not an IDX file"
    }
  }
}
