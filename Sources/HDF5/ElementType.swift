import CHDF5

/// The types of numbers this package writes, little-endian, and asks for when it reads.
public enum ElementType: Int, Sendable {
  /// A 32-bit float.
  case float32
  /// A 64-bit float.
  case float64
  /// A signed 64-bit integer.
  case int64
  /// An unsigned 64-bit integer.
  case uint64
  /// An unsigned byte.
  case uint8

  /// The type in memory, which libhdf5 owns.
  var native: hid_t {
    switch self {
    case .float32: chdf5_native_float()
    case .float64: chdf5_native_double()
    case .int64: chdf5_native_int64()
    case .uint64: chdf5_native_uint64()
    case .uint8: chdf5_native_uint8()
    }
  }

  /// The bytes of a number in memory.
  var size: Int { self == .uint8 ? 1 : self == .float32 ? 4 : 8 }

  /// The type in a file, which libhdf5 owns.
  var stored: hid_t {
    switch self {
    case .float32: chdf5_stored_float()
    case .float64: chdf5_stored_double()
    case .int64: chdf5_stored_int64()
    case .uint64: chdf5_stored_uint64()
    case .uint8: chdf5_stored_uint8()
    }
  }

  /// Whether every value of the stored type has a place in this one, up to the rounding of floats.
  func accepts(_ stored: StoredType) -> Bool {
    switch (self, stored) {
    case (.float32, .float(let bytes)), (.float64, .float(let bytes)): bytes <= 8
    case (.int64, .integer(let bytes, let isSigned)): isSigned ? bytes <= 8 : bytes <= 4
    case (.uint64, .integer(let bytes, let isSigned)): !isSigned && bytes <= 8
    case (.uint8, .integer(let bytes, let isSigned)): !isSigned && bytes == 1
    default: false
    }
  }

  /// The noun an error uses, with its article.
  var name: String {
    switch self {
    case .float32, .float64: "a float"
    case .int64: "an integer"
    case .uint64: "an unsigned integer"
    case .uint8: "an unsigned byte"
    }
  }
}
