import Files
import ImageData

/// A data set as CSV files: one that trains, or a folder with one for each part.
enum CSVParts {
  /// The part that a file of this name holds, by the last word before its ending: `mnist_train.csv`.
  static func part(of name: String) -> DataSplit? {
    var name = name.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    guard name.hasSuffix(".csv") else { return nil }
    let words = name.dropLast(4).split { "-_. ".contains($0) }
    return switch words.last {
    case "train", "training": .train
    case "test", "testing", "t10k": .test
    case "val", "valid", "validation": .validation
    default: nil
    }
  }

  /// Reads one file, or those of a folder that holds `names`.
  static func read(
    _ path: String, names: [String]?, form: ImageForm, progress: @escaping (Double) -> Void
  ) throws(FileError) -> DataSet {
    guard let names else {
      return DataSet(parts: [.train: try CSVImages.read(path, form: form, progress: progress)])
    }
    var files: [DataSplit: String] = [:]
    for name in names {
      guard let part = part(of: name) else { continue }
      if let other = files.updateValue(name, forKey: part) {
        throw FileError(
          .invalid, file: path, place: "\(part) images", expected: "one CSV file",
          found: "\(other) and \(name)", hint: "name one of them")
      }
    }
    var parts: [DataSplit: ImageSet] = [:]
    for (number, split) in DataSplit.allCases.filter({ files[$0] != nil }).enumerated() {
      guard let file = files[split] else { continue }
      parts[split] = try CSVImages.read("\(path)/\(file)", form: form) { share in
        progress((Double(number) + share) / Double(files.count))
      }
    }
    guard !parts.isEmpty else {
      throw FileError(
        .missing, file: path, expected: "train.csv, test.csv or validation.csv", found: "none")
    }
    return DataSet(
      parts: parts,
      classNames: names.contains("classes.txt")
        ? try ClassNames(reading: "\(path)/classes.txt") : nil)
  }
}
