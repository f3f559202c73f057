/// What the elements of an array in a safetensors file are.
enum TensorElement: String, Sendable {
  case boolean = "BOOL"
  case unsigned8 = "U8"
  case signed8 = "I8"
  case unsigned16 = "U16"
  case signed16 = "I16"
  case unsigned32 = "U32"
  case signed32 = "I32"
  case unsigned64 = "U64"
  case signed64 = "I64"
  case half = "F16"
  case brain = "BF16"
  case single = "F32"
  case double = "F64"

  /// The bytes of an element.
  var size: Int {
    switch self {
    case .boolean, .unsigned8, .signed8: 1
    case .unsigned16, .signed16, .half, .brain: 2
    case .unsigned32, .signed32, .single: 4
    case .unsigned64, .signed64, .double: 8
    }
  }

  /// Little-endian elements as 32-bit floats, those of more precision rounded to the nearest; `nil` where they
  /// are no floats.
  func floats(_ bytes: ArraySlice<UInt8>) -> [Float]? {
    bytes.withUnsafeBytes { raw in
      let places = stride(from: 0, to: raw.count, by: size)
      return switch self {
      case .single: places.map { Float(bitPattern: Self.word(raw, $0)) }
      case .double: places.map { Float(Double(bitPattern: Self.word(raw, $0))) }
      case .brain: places.map { Float(bitPattern: UInt32(Self.word(raw, $0) as UInt16) << 16) }
      case .half: places.map { Self.float(half: Self.word(raw, $0)) }
      default: nil
      }
    }
  }

  private static func word<Word: FixedWidthInteger>(
    _ raw: UnsafeRawBufferPointer, _ place: Int
  ) -> Word {
    Word(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: Word.self))
  }

  /// A half-precision number; Swift has no such type on every machine.
  static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F, fraction = UInt32(bits & 0x3FF)
    return switch exponent {
    case 0:
      // Subnormal: a multiple of 2⁻²⁴.
      Float(bitPattern: (Float(fraction) * 0x1p-24).bitPattern | sign)
    case 0x1F: Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
