import Files

/// The seal of a file of this package: a 512-byte user block before the HDF5 file, which holds
/// the SHA-256 of all that follows it.
///
/// Every byte of a sealed file counts: those after the block through the digest, those of the block
/// because they have to be exactly what ``seal(_:)`` writes for that digest. The seal is checked on
/// the bytes in memory that libhdf5 then reads, so nothing can change in between.
package enum SealedImage {
  /// The number of bytes of the user block.
  package static let blockSize = 512
  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// What a file says about its integrity.
  package enum Seal: Sendable {
    /// The digest is there and right.
    case intact
    /// The file is another program's: HDF5 from its first byte.
    case absent
  }

  /// Overwrites the user block before a whole file.
  static func seal(_ image: inout [UInt8]) {
    image.replaceSubrange(..<blockSize, with: block(of: image[blockSize...]))
  }

  /// Checks the seal of a whole file.
  ///
  /// - Throws: a `FileError` where the bytes are not those that were sealed, or not an HDF5 file at
  ///   all.
  package static func verify(_ image: [UInt8], file: String) throws(FileError) -> Seal {
    if image.starts(with: signature) { return .absent }
    guard !image.isEmpty else {
      throw FileError(.invalid, file: file, expected: "an HDF5 file", found: "an empty file")
    }
    // A file that is shorter than the block and the signature is ours only if it says so.
    let hasSignature =
      image.count > blockSize + signature.count
      && image[blockSize...].starts(with: signature)
    let claims = image.starts(with: Array("MiniCNN".utf8))
    guard hasSignature || claims else {
      throw FileError(
        .invalid, file: file, expected: "an HDF5 file", found: "no HDF5 signature",
        hint: "is this a checkpoint? minicnn convert makes one of another program's model")
    }
    let content = image.dropFirst(blockSize)
    let expected = content.isEmpty ? [] : block(of: content)
    guard image.prefix(blockSize).elementsEqual(expected) else {
      throw FileError(
        .invalid, file: file, place: "digest", expected: "the SHA-256 that the file states",
        found: content.isEmpty ? "a file cut short" : SHA256.digest(Array(content)).hexadecimal,
        hint: "the file is damaged; use an earlier copy")
    }
    return .intact
  }

  private static func block(of content: ArraySlice<UInt8>) -> [UInt8] {
    let digest = content.withUnsafeBytes { SHA256.digest($0) }
    var block = Array("MiniCNN 1\nsha256 \(digest.hexadecimal)\n".utf8)
    block += [UInt8](repeating: 0, count: blockSize - block.count)
    return block
  }
}

extension SealedImage {
  /// Whether a file starts as HDF5, or a sealed HDF5 file, does.
  package static func isHDF5(_ path: String) throws(FileError) -> Bool {
    let start = try WholeFile.start(of: path, count: 8)
    return start == signature || start == Array("MiniCNN ".utf8)
  }
}
