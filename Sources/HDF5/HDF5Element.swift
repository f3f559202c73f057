internal import CHDF5

/// The types of numbers this package writes, little-endian, and asks for when it reads.
package enum ElementType: Sendable {
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

  /// The type as CHDF5 knows it.
  var number: chdf5_number {
    switch self {
    case .float32: CHDF5_FLOAT32
    case .float64: CHDF5_FLOAT64
    case .int64: CHDF5_INT64
    case .uint64: CHDF5_UINT64
    case .uint8: CHDF5_UINT8
    }
  }

  /// Whether this type can represent every value of the stored one, up to the rounding of floats.
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

/// A number that HDF5 arrays can hold: `Float`, `Double`, `Int64`, `UInt64`, `UInt8`.
package protocol HDF5Element: BitwiseCopyable, Sendable {
  /// What the number is stored as.
  static var elementType: ElementType { get }
}

extension Float: HDF5Element {
  /// What the number is stored as.
  package static var elementType: ElementType { .float32 }
}

extension Double: HDF5Element {
  /// What the number is stored as.
  package static var elementType: ElementType { .float64 }
}

extension Int64: HDF5Element {
  /// What the number is stored as.
  package static var elementType: ElementType { .int64 }
}

extension UInt64: HDF5Element {
  /// What the number is stored as.
  package static var elementType: ElementType { .uint64 }
}

extension UInt8: HDF5Element {
  /// What the number is stored as.
  package static var elementType: ElementType { .uint8 }
}
