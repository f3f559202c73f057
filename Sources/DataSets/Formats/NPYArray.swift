import Files

/// An array of NumPy's format: numbers in C order, little-endian, or texts.
package struct NPYArray {
  /// The extents, outermost first.
  let shape: [Int]
  private let element: Element
  private let content: ArraySlice<UInt8>
  private let path: String
  private let name: String

  /// What the elements are.
  private enum Element {
    case unsigned(bytes: Int)
    case signed(bytes: Int)
    case float(bytes: Int)
    /// Texts of so many characters of four bytes, the shorter ones filled up with zeros.
    case text(length: Int)

    init?(_ type: String) {
      let size = Int(type.dropFirst(2)) ?? 0
      let isByte = size == 1 && "|<=".contains(type.prefix(1))
      guard type.hasPrefix("<") || isByte else { return nil }
      switch (type.dropFirst().first, size) {
      case ("u", 1), ("u", 2), ("u", 4), ("u", 8), ("b", 1): self = .unsigned(bytes: size)
      case ("i", 1), ("i", 2), ("i", 4), ("i", 8): self = .signed(bytes: size)
      case ("f", 4), ("f", 8): self = .float(bytes: size)
      case ("U", 1...65_536): self = .text(length: size)
      default: return nil
      }
    }

    var size: Int {
      switch self {
      case .unsigned(let bytes), .signed(let bytes), .float(let bytes): bytes
      case .text(let length): 4 * length
      }
    }
  }

  /// Takes the bytes of an array; messages call it `name` in the file at `path`.
  package init(_ bytes: [UInt8], path: String, name: String) throws(FileError) {
    func refused(_ expected: String, _ found: String) -> FileError {
      FileError(.invalid, file: path, place: name, expected: expected, found: found)
    }
    let header: NPYHeader
    do throws(NPYHeader.Fault) {
      header = try NPYHeader(bytes)
    } catch {
      throw refused(error.expected, error.found)
    }
    guard !header.isFortranOrder else {
      throw refused("an array in C order", "one in Fortran order")
    }
    guard let element = Element(header.type) else {
      let kinds: [Character: String] = [
        "O": "Python objects", "c": "complex numbers", "V": "records",
      ]
      let isBig = header.type.hasPrefix(">")
      throw refused(
        "little-endian numbers or texts",
        (header.type.dropFirst().first.flatMap { kinds[$0] }
          ?? (isBig ? "big-endian elements" : "elements")) + " (\(header.type))")
    }
    var size = element.size
    for extent in header.shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw refused("a size below 2^63 bytes", "\(header.shape)") }
      size = product
    }
    guard bytes.count - header.size == size else {
      throw refused(
        "\(size) bytes of elements, \(header.shape) of \(header.type)",
        "\(bytes.count - header.size)")
    }
    (shape, self.element, self.path, self.name) = (header.shape, element, path, name)
    content = bytes[header.size...]
  }

  private func refused(_ expected: String, found: String, at index: Int? = nil) -> FileError {
    FileError(
      .invalid, file: path, place: index.map { "\(name), number \($0), counted from 0" } ?? name,
      expected: expected, found: found)
  }

  /// The elements, which must be whole numbers from 0 to 255 whatever their type.
  package func bytes() throws(FileError) -> [UInt8] {
    if case .unsigned(1) = element { return Array(content) }
    let count = content.count / element.size
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for index in 0..<count {
      guard let byte = byte(index) else {
        throw refused("a whole number from 0 to 255", found: shown(index), at: index)
      }
      bytes.append(byte)
    }
    return bytes
  }

  /// The bits of an element, the rest zeros.
  private func bits(_ index: Int) -> UInt64 {
    let start = content.startIndex + index * element.size
    return content[start..<start + element.size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func signed(_ index: Int, _ size: Int) -> Int64 {
    let unused = 64 - 8 * size
    return Int64(bitPattern: bits(index) << unused) >> unused
  }

  private func float(_ index: Int, _ size: Int) -> Double {
    size == 8
      ? Double(bitPattern: bits(index))
      : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits(index))))
  }

  private func byte(_ index: Int) -> UInt8? {
    switch element {
    case .unsigned: UInt8(exactly: bits(index))
    case .signed(let size): UInt8(exactly: signed(index, size))
    case .float(let size): UInt8(exactly: float(index, size))
    case .text: nil
    }
  }

  private func shown(_ index: Int) -> String {
    switch element {
    case .unsigned: "\(bits(index))"
    case .signed(let size): "\(signed(index, size))"
    case .float(let size): "\(float(index, size))"
    case .text: "a text"
    }
  }

  /// The elements, which must be texts.
  package func texts() throws(FileError) -> [String] {
    guard case .text(let length) = element else { throw refused("texts", found: "numbers") }
    var texts: [String] = []
    for index in 0..<content.count / element.size {
      var text = String.UnicodeScalarView()
      let start = content.startIndex + index * element.size
      for place in stride(from: start, to: start + 4 * length, by: 4) {
        let code = content[place..<place + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard let scalar = Unicode.Scalar(code) else {
          throw refused("texts in Unicode", found: "the number \(code)", at: index)
        }
        text.append(scalar)
      }
      while text.last?.value == 0 { text.removeLast() }
      texts.append(String(text))
    }
    return texts
  }
}
