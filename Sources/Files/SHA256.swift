import CCrypto
import Platform

/// The SHA-256 digest (FIPS 180-4) of bytes that arrive in pieces, computed by libcrypto.
package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Starts an empty digest.
  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("libcrypto cannot allocate a SHA-256 context")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes to what is digested.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    require(done == 1, "libcrypto refused to digest \(bytes.count) bytes")
  }

  /// The 32 bytes of the digest; ends this value's use.
  package consuming func finalize() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let done = EVP_DigestFinal_ex(context, &digest, nil)
    require(done == 1, "libcrypto refused to finish a SHA-256 digest")
    return digest
  }

  /// The 32-byte digest of some bytes.
  package static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var digest = SHA256()
    digest.update(bytes)
    return digest.finalize()
  }

  /// The 32-byte digest of some bytes.
  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { digest($0) }
  }
}

extension Sequence<UInt8> {
  /// Two lower-case hexadecimal digits per byte.
  package var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
