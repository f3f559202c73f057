import Files
import ImageData

/// Data sets in NumPy's archives (.npz), under the names of MedMNIST or of Keras's `mnist.npz`.
package enum NPZImages {
  /// The name of the array of class names, which is our own.
  static let classNames = "class_names"

  /// The most values of a pixel: more of them would be slices of a volume.
  static let mostChannels = 4

  /// The names an array of images may have, and that of the labels that goes with each.
  private static func names(_ split: DataSplit) -> [(images: String, labels: String)] {
    let (long, short) =
      switch split {
      case .train: ("train", "train")
      case .validation: ("val", "val")
      case .test: ("test", "test")
      }
    return [("\(long)_images", "\(long)_labels"), ("x_\(short)", "y_\(short)")]
  }

  /// Reads an archive.
  static func read(
    _ path: String, progress: (Double) -> Void
  ) throws(FileError) -> DataSet {
    let archive = try ZipArchive(reading: path)
    return try read(archive, progress: progress)
  }

  /// Reads an archive that is in memory.
  package static func read(
    _ archive: ZipArchive, progress: (Double) -> Void = { _ in }
  ) throws(FileError) -> DataSet {
    var places: [String: Int] = [:]
    for (number, member) in archive.members.enumerated() where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      guard places.updateValue(number, forKey: name) == nil else {
        throw FileError(
          .invalid, file: archive.path, expected: "arrays of different names",
          found: "two of the name \(name)")
      }
    }
    func array(_ name: String) throws(FileError) -> NPYArray? {
      guard let number = places[name] else { return nil }
      return try NPYArray(
        try archive.content(ofMember: number), path: archive.path, name: name)
    }
    var parts: [DataSplit: ImageSet] = [:]
    for (done, split) in DataSplit.allCases.enumerated() {
      for names in Self.names(split) where parts[split] == nil {
        guard let images = try array(names.images) else { continue }
        parts[split] = try set(
          images, named: names.images, labels: try array(names.labels), named: names.labels,
          path: archive.path)
      }
      progress(Double(done + 1) / 3)
    }
    guard !parts.isEmpty else {
      let found = places.keys.sorted().prefix(8).joined(separator: ", ")
      throw FileError(
        .invalid, file: archive.path, expected: "an array train_images or x_train",
        found: found.isEmpty ? "no arrays" : found)
    }
    var classNames: ClassNames?
    if let names = try array(Self.classNames) {
      classNames = try ClassNames(
        checking: try names.texts(), file: archive.path, place: Self.classNames)
    }
    return DataSet(parts: parts, classNames: classNames)
  }

  private static func set(
    _ images: NPYArray, named imageName: String, labels: NPYArray?, named labelName: String,
    path: String
  ) throws(FileError) -> ImageSet {
    let shape = images.shape
    guard shape.count == 3 || (shape.count == 4 && (1...mostChannels).contains(shape[3])),
      shape.allSatisfy({ $0 > 0 })
    else {
      throw FileError(
        .invalid, file: path, place: imageName,
        expected:
          "[N, height, width] or [N, height, width, channels], 1 to \(mostChannels) channels",
        found: "\(shape)")
    }
    if let labels, labels.shape != [shape[0]], labels.shape != [shape[0], 1] {
      throw FileError(
        .invalid, file: path, place: labelName,
        expected: "[\(shape[0])] or [\(shape[0]), 1], a label for each image",
        found: "\(labels.shape)")
    }
    return try ImageSet(
      pixels: try images.bytes(),
      labels: try labels.map { labels throws(FileError) in
        try labels.bytes()
      },
      height: shape[1], width: shape[2], channels: shape.count == 4 ? shape[3] : 1, name: path)
  }
}
