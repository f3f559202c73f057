import CDeflate
import Platform

/// Bytes compressed by libdeflate, the same way each time.
package enum Deflate {
  /// As much as zlib does unless asked for more.
  private static let level: Int32 = 6

  /// A gzip file (RFC 1952) without a name or a time.
  package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    compress(bytes, bound: libdeflate_gzip_compress_bound, by: libdeflate_gzip_compress)
  }

  /// Deflated data (RFC 1951) and nothing around it.
  package static func raw(_ bytes: [UInt8]) -> [UInt8] {
    compress(bytes, bound: libdeflate_deflate_compress_bound, by: libdeflate_deflate_compress)
  }

  /// The checksum that gzip and zip files have of their content.
  package static func crc32(_ bytes: [UInt8]) -> UInt32 {
    libdeflate_crc32(0, bytes, bytes.count)
  }

  private static func compress(
    _ bytes: [UInt8], bound: (OpaquePointer?, Int) -> Int,
    by compress: (
      OpaquePointer?, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int
    ) -> Int
  ) -> [UInt8] {
    guard let compressor = libdeflate_alloc_compressor(level) else {
      fatalError("libdeflate cannot allocate a compressor")
    }
    defer { libdeflate_free_compressor(compressor) }
    let room = bound(compressor, bytes.count)
    return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      count = compress(compressor, bytes, bytes.count, buffer.baseAddress, room)
      require(count > 0, "libdeflate has no room for \(bytes.count) bytes in \(room)")
    }
  }
}
