import Files

/// Readers as `Tests/Fuzz` calls them: with bytes in memory, parsed in this process.
package enum FuzzedData {
  /// The contents of an archive's members.
  package static func members(of archive: [UInt8]) throws(FileError) -> [[UInt8]] {
    let archive = try ZipArchive(archive, path: "a.npz", isConfined: false)
    var contents: [[UInt8]] = []
    for number in archive.members.indices {
      contents.append(try archive.content(ofMember: number))
    }
    return contents
  }

  /// Reads a data set from an archive.
  package static func readArchive(_ bytes: [UInt8]) throws(FileError) {
    _ = try NPZImages.read(try ZipArchive(bytes, path: "a.npz", isConfined: false))
  }

  /// Reads an array of bytes, or else of texts.
  package static func readArray(_ bytes: [UInt8]) throws(FileError) {
    let array = try NPYArray(bytes, path: "a.npz", name: "a")
    do throws(FileError) { _ = try array.bytes() } catch { _ = try array.texts() }
  }

  /// Reads a file of CIFAR-100.
  package static func readCIFAR100(_ bytes: [UInt8]) throws(FileError) {
    var batch = CIFAR.Batch()
    try batch.add(bytes, CIFAR.Form(.hundred, hasCoarseLabels: false), path: "train.bin")
  }
}
