/// Puts the bytes of a safetensors file together.
enum SafeTensorsWriter {
  /// An array that is written.
  struct Array {
    /// Its elements, which are written little-endian.
    enum Elements {
      case floats([Float])
      case count(Int64)
    }

    let name: String
    /// Its extents, outermost first.
    let shape: [Int]
    let elements: Elements
  }

  /// The bytes of a file; arrays of larger elements come first, so that each is aligned, then by their names, as
  /// the format's own library has them.
  static func bytes(_ arrays: [Array], metadata: [String: String]) throws -> [UInt8] {
    let inOrder = arrays.sorted {
      $0.element.size != $1.element.size
        ? $0.element.size > $1.element.size
        : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    var described: [SafeTensorsHeader.Array] = []
    var content: [UInt8] = []
    for array in inOrder {
      let start = content.count
      content += array.bytes
      described.append(
        SafeTensorsHeader.Array(
          name: array.name, dtype: array.element.rawValue, shape: array.shape,
          offsets: [start, content.count]))
    }
    let header = try SafeTensorsHeader(metadata: metadata, arrays: described).json()
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Swift.Array($0) }
    return length + header + content
  }
}

extension SafeTensorsWriter.Array {
  fileprivate var element: TensorElement {
    switch elements {
    case .floats: .single
    case .count: .signed64
    }
  }

  fileprivate var bytes: [UInt8] {
    switch elements {
    case .floats(let values):
      values.map(\.bitPattern.littleEndian).withUnsafeBytes { Swift.Array($0) }
    case .count(let value): withUnsafeBytes(of: value.littleEndian) { Swift.Array($0) }
    }
  }
}
