/// What the elements of an IDX file are.
enum IDXElement: UInt32 {
  /// Unsigned bytes.
  case byte = 0x08
  /// Signed 16-bit integers, big-endian in the file.
  case short = 0x0b
  /// 32-bit floats, big-endian in the file.
  case float = 0x0d

  /// The number of bytes of one.
  var size: Int {
    switch self {
    case .byte: 1
    case .short: 2
    case .float: 4
    }
  }

  /// Turns big-endian elements, in place, into those of the processor.
  ///
  /// - Returns: the number of the first float that is not finite.
  func makeNative(_ bytes: UnsafeMutableRawBufferPointer) -> Int? {
    switch self {
    case .byte: return nil
    case .short:
      for i in stride(from: 0, to: bytes.count - 1, by: 2) {
        let value = Int16(bigEndian: bytes.load(fromByteOffset: i, as: Int16.self))
        bytes.storeBytes(of: value, toByteOffset: i, as: Int16.self)
      }
      return nil
    case .float:
      var bad: Int?
      for i in stride(from: 0, to: bytes.count - 3, by: 4) {
        let bits = UInt32(bigEndian: bytes.load(fromByteOffset: i, as: UInt32.self))
        bytes.storeBytes(of: bits, toByteOffset: i, as: UInt32.self)
        if bad == nil, !Float(bitPattern: bits).isFinite { bad = i / 4 }
      }
      return bad
    }
  }
}
