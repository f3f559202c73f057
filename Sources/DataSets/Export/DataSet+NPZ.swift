import Files
import ImageData

extension DataSet {
  /// Writes an archive, in place of one where that is asked for.
  func exportNPZ(
    to path: String, replacing: Bool, progress: (Double) -> Void
  ) throws(FileError) {
    try AtomicFile.verifyWritable(path)
    if WholeFile.exists(path) {
      guard replacing else {
        throw FileError(.inputOutput, file: path, expected: "no such file", found: "one")
      }
      guard try ZipArchive.isOfArrays(path) else {
        throw FileError(
          .inputOutput, file: path, expected: "an .npz file, which can be replaced",
          found: "another file")
      }
    }
    for set in parts.values where set.channels > NPZImages.mostChannels {
      throw FileError(
        .invalid, file: set.imageFile, place: "channels",
        expected: "1 to \(NPZImages.mostChannels), as .npz files of images have",
        found: "\(set.channels)", hint: "CSV files hold any number")
    }
    _ = try classNames?.content(for: path)
    try AtomicFile.write(try npz(named: path, progress: progress), to: path)
  }

  /// The bytes of an archive under MedMNIST's names; those of the classes, which MedMNIST does not have,
  /// are one more array.
  private func npz(named path: String, progress: (Double) -> Void) throws(FileError) -> [UInt8] {
    var archive = ZipWriter(path: path)
    for (done, split) in splits.enumerated() {
      guard let set = parts[split] else { continue }
      let prefix = split == .validation ? "val" : split.rawValue
      let shape = [set.count, set.height, set.width] + (set.channels == 1 ? [] : [set.channels])
      try archive.add(
        "\(prefix)_images.npy",
        set.withPixels { NPYHeader.encoded(type: "|u1", shape: shape) + $0 })
      if let labels = set.labels {
        try archive.add(
          "\(prefix)_labels.npy",
          NPYHeader.encoded(type: "|u1", shape: [set.count, 1]) + labels)
      }
      progress(Double(done + 1) / Double(splits.count))
    }
    if let classNames {
      try archive.add("\(NPZImages.classNames).npy", Self.array(of: classNames.names))
    }
    return try archive.finish()
  }

  /// Texts as NumPy has them: four bytes for each character, the shorter ones filled up with zeros.
  private static func array(of names: [String]) -> [UInt8] {
    let length = max(names.map(\.unicodeScalars.count).max() ?? 1, 1)
    var bytes = NPYHeader.encoded(type: "<U\(length)", shape: [names.count])
    for name in names {
      for scalar in name.unicodeScalars {
        withUnsafeBytes(of: scalar.value.littleEndian) { bytes += $0 }
      }
      bytes += [UInt8](repeating: 0, count: 4 * (length - name.unicodeScalars.count))
    }
    return bytes
  }
}
