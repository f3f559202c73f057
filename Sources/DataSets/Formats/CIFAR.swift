import Files
import ImageData

/// The binary files of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): for each image its labels, then 32×32
/// bytes of red, of green and of blue.
package enum CIFAR {
  /// Which of the two.
  package enum Kind: String {
    case ten = "CIFAR-10"
    case hundred = "CIFAR-100"
  }

  private static let edge = 32
  private static let plane = edge * edge

  /// Which of the two a folder holds, by its files' names.
  static func kind(of names: Set<String>) -> Kind? {
    if names.contains("data_batch_1.bin") || names.contains("test_batch.bin") { return .ten }
    return names.contains("train.bin") || names.contains("test.bin") ? .hundred : nil
  }

  /// Reads a folder.
  ///
  /// - Parameter hasCoarseLabels: whether the labels of CIFAR-100 are the 20 superclasses.
  static func read(
    _ folder: String, _ kind: Kind, names: Set<String>, hasCoarseLabels: Bool,
    progress: (Double) -> Void
  ) throws(FileError) -> DataSet {
    let form = Form(kind, hasCoarseLabels: hasCoarseLabels)
    var files: [DataSplit: [String]]
    let namesFile: String
    switch kind {
    case .ten:
      files = [.train: (1...5).map { "data_batch_\($0).bin" }, .test: ["test_batch.bin"]]
      namesFile = "batches.meta.txt"
    case .hundred:
      files = [.train: ["train.bin"], .test: ["test.bin"]]
      namesFile = hasCoarseLabels ? "coarse_label_names.txt" : "fine_label_names.txt"
    }
    // A part may be left out, and not some of its files.
    files = files.filter { $0.value.contains(where: names.contains) }
    let all = files.values.reduce(0) { $0 + $1.count }
    var done = 0
    var parts: [DataSplit: ImageSet] = [:]
    for (split, files) in files.sorted(by: { $0.key.rawValue > $1.key.rawValue }) {
      var batch = Batch()
      for file in files {
        let path = "\(folder)/\(file)"
        try batch.add(try WholeFile.read(path), form, path: path)
        done += 1
        progress(Double(done) / Double(all))
      }
      parts[split] = try ImageSet(
        pixels: batch.pixels, labels: batch.labels, height: edge, width: edge, channels: 3,
        name: files.count == 1 ? "\(folder)/\(files[0])" : folder)
    }
    return DataSet(
      parts: parts,
      classNames: names.contains(namesFile)
        ? try ClassNames(reading: "\(folder)/\(namesFile)") : nil)
  }

  /// What stands before an image's pixels.
  package struct Form {
    /// The highest value of each label.
    fileprivate let labels: [UInt8]
    /// The one that is taken.
    fileprivate let used: Int
    fileprivate var recordSize: Int { labels.count + 3 * plane }

    package init(_ kind: Kind, hasCoarseLabels: Bool) {
      labels = kind == .ten ? [9] : [19, 99]
      used = kind == .ten || hasCoarseLabels ? 0 : 1
    }
  }

  /// The images of some files.
  package struct Batch {
    fileprivate(set) var pixels: [UInt8] = []
    fileprivate(set) var labels: [UInt8] = []

    /// No images yet.
    package init() {}

    /// Adds those in the bytes of a file, which messages call by its path.
    package mutating func add(_ bytes: [UInt8], _ form: Form, path: String) throws(FileError) {
      guard !bytes.isEmpty, bytes.count.isMultiple(of: form.recordSize) else {
        throw FileError(
          .invalid, file: path, expected: "images of \(form.recordSize) bytes each",
          found: "\(bytes.count) bytes in all", hint: "the file is cut short or another one")
      }
      pixels.reserveCapacity(pixels.count + bytes.count)
      for start in stride(from: 0, to: bytes.count, by: form.recordSize) {
        for (number, most) in form.labels.enumerated() where bytes[start + number] > most {
          throw FileError(
            .invalid, file: path, place: "image \(start / form.recordSize), counted from 0",
            expected: "a label from 0 to \(most)", found: "\(bytes[start + number])")
        }
        labels.append(bytes[start + form.used])
        let red = start + form.labels.count
        for place in red..<red + plane {
          pixels.append(bytes[place])
          pixels.append(bytes[place + plane])
          pixels.append(bytes[place + 2 * plane])
        }
      }
    }
  }
}
