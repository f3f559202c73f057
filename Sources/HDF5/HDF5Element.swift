import CHDF5

/// A number that HDF5 arrays and attributes can hold: `Float`, `Double`, `Int64`, `UInt64`, `UInt8`.
public protocol HDF5Element: BitwiseCopyable, Sendable {
  /// What the number is stored as.
  static var elementType: ElementType { get }
}

extension Float: HDF5Element {
  /// What the number is stored as.
  public static var elementType: ElementType { .float32 }
}

extension Double: HDF5Element {
  /// What the number is stored as.
  public static var elementType: ElementType { .float64 }
}

extension Int64: HDF5Element {
  /// What the number is stored as.
  public static var elementType: ElementType { .int64 }
}

extension UInt64: HDF5Element {
  /// What the number is stored as.
  public static var elementType: ElementType { .uint64 }
}

extension UInt8: HDF5Element {
  /// What the number is stored as.
  public static var elementType: ElementType { .uint8 }
}
