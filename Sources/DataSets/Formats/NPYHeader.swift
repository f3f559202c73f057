/// What an array of NumPy's format (.npy, versions 1 to 3) says of itself.
struct NPYHeader: Equatable {
  /// The type of the elements as NumPy writes it: `|u1`, `<f4`.
  let type: String
  /// Whether the first extent varies fastest.
  let isFortranOrder: Bool
  /// The extents, outermost first.
  let shape: [Int]
  /// The bytes before the elements.
  let size: Int

  /// What is wrong with a header: what was expected, and what was found.
  struct Fault: Error {
    let expected: String
    let found: String
  }

  private static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy's own bound for headers of files it does not trust.
  private static let longest = 10_000

  init(_ bytes: some Collection<UInt8>) throws(Fault) {
    let bytes = Array(bytes.prefix(12 + Self.longest))
    guard bytes.starts(with: Self.signature), bytes.count >= 12 else {
      throw Fault(expected: "an array of NumPy's format", found: "other bytes")
    }
    guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
      throw Fault(expected: "version 1.0 to 3.0", found: "\(bytes[6]).\(bytes[7])")
    }
    let start = bytes[6] == 1 ? 10 : 12
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.longest, start + length <= bytes.count else {
      throw Fault(expected: "a header of at most \(Self.longest) bytes", found: "\(length)")
    }
    size = start + length
    var fields = Fields(Array(bytes[start..<size]))
    (type, isFortranOrder, shape) = try fields.read()
  }

  /// The bytes of a header for elements in C order.
  static func encoded(type: String, shape: [Int]) -> [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
    // Elements begin at a multiple of 64, after a line's end.
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    return signature + [1, 0, UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8)]
      + Array(text.utf8)
  }

  /// A Python dictionary of just the three entries.
  private struct Fields {
    private let text: [UInt8]
    private var place = 0

    init(_ text: [UInt8]) { self.text = text }

    mutating func read() throws(Fault) -> (String, Bool, [Int]) {
      var (type, order, shape): (String?, Bool?, [Int]?) = (nil, nil, nil)
      try take("{")
      while !takes("}") {
        let key = try string()
        try take(":")
        switch key {
        case "descr" where type == nil: type = try string(orOf: "the type of an element")
        case "fortran_order" where order == nil: order = try truth()
        case "shape" where shape == nil: shape = try extents()
        default: throw Fault(expected: "descr, fortran_order and shape, once each", found: key)
        }
        if !takes(",") {
          try take("}")
          break
        }
      }
      skipSpaces()
      guard place == text.count else { throw fault("the end of the header") }
      guard let type, let order, let shape else {
        throw Fault(expected: "descr, fortran_order and shape", found: "fewer")
      }
      return (type, order, shape)
    }

    private mutating func skipSpaces() {
      while place < text.count, [0x20, 0x0a].contains(text[place]) { place += 1 }
    }

    private mutating func takes(_ mark: Character) -> Bool {
      skipSpaces()
      guard place < text.count, text[place] == mark.asciiValue else { return false }
      place += 1
      return true
    }

    private mutating func take(_ mark: Character) throws(Fault) {
      guard takes(mark) else { throw fault(String(mark)) }
    }

    private func fault(_ expected: String) -> Fault {
      let rest = text[min(place, text.count)...].prefix(12)
      return Fault(
        expected: expected,
        found: rest.isEmpty ? "the end" : String(decoding: rest, as: UTF8.self).debugDescription)
    }

    private mutating func string(orOf what: String = "a name") throws(Fault) -> String {
      skipSpaces()
      guard place < text.count, [0x22, 0x27].contains(text[place]) else { throw fault(what) }
      let quote = text[place]
      guard let end = text[(place + 1)...].firstIndex(of: quote) else { throw fault(what) }
      let content = text[(place + 1)..<end]
      guard content.allSatisfy({ (0x20...0x7e).contains($0) && $0 != 0x5c }) else {
        throw fault(what)
      }
      place = end + 1
      return String(decoding: content, as: UTF8.self)
    }

    private mutating func truth() throws(Fault) -> Bool {
      skipSpaces()
      for (word, value) in [("True", true), ("False", false)]
      where text[place...].starts(with: word.utf8) {
        place += word.utf8.count
        return value
      }
      throw fault("True or False")
    }

    private mutating func extents() throws(Fault) -> [Int] {
      var extents: [Int] = []
      try take("(")
      while !takes(")") {
        skipSpaces()
        let digits = text[place...].prefix { (0x30...0x39).contains($0) }
        guard let extent = Int(String(decoding: digits, as: UTF8.self)) else {
          throw fault("a whole number")
        }
        extents.append(extent)
        place += digits.count
        if !takes(",") {
          try take(")")
          break
        }
      }
      return extents
    }
  }
}
