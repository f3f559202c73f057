/// The cyclic redundancy check of iSCSI (RFC 3720), polynomial 0x1EDC6F41.
enum CRC32C {
  /// The remainder of each byte, with the bits of the polynomial reversed.
  private static let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  /// The check sum of some bytes.
  static func of(_ bytes: [UInt8]) -> UInt32 {
    remainders.withUnsafeBufferPointer { remainders in
      ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }
  }

  /// The check sum as TFRecord files have it: turned by 15 bits and shifted, so that a check sum of bytes with check
  /// sums in them is none that is likely by itself.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let sum = of(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}
