import Files
import ImageData
import Platform

/// Reads data sets in the forms that others have them in.
///
/// What a source is, its form says: a zip file or one named `.npz` is NumPy's archive, one named `.csv`
/// or `.csv.gz` has a row for each image, and a folder holds CIFAR's files, IDX files, CSV files, or
/// else a folder for each class. Nothing about the content is guessed: it is turned and relabelled as
/// these settings say, and where a name or the look of the images says that they should be other ones,
/// there is a warning.
public struct DataImport: Sendable {
  /// The forms of a source.
  public enum Format: String, CaseIterable, Sendable {
    /// IDX files, as MNIST and EMNIST have them.
    case idx
    /// A row of numbers for each image, as Kaggle has them.
    case csv
    /// NumPy's archives, as MedMNIST and Keras have them.
    case npz
    /// The binary files of CIFAR-10 and CIFAR-100.
    case cifar
    /// A folder of pictures for each class.
    case folders
  }

  /// What becomes of images that the source has for validation.
  public enum Validation: String, CaseIterable, Sendable {
    /// They stay apart.
    case keep
    /// They are trained on.
    case merge
    /// They are left out.
    case drop
  }

  /// The form of the source; `nil` where its names say it.
  public var format: Format?
  /// The form of the images, where the source does not state it and they are not square.
  public var form = ImageForm()
  /// The size that pictures are scaled to; `nil` where all have one.
  public var size: PictureSize?
  /// Whether the rows and columns of the images are exchanged.
  public var isTransposed = false
  /// The label of the first class.
  public var firstLabel = 0
  /// Whether the source is one of EMNIST's sets: its images are transposed, its labels counted from the
  /// lowest that there is, and its classes named by its `mapping.txt`.
  public var isEMNIST = false
  /// Whether the labels of CIFAR-100 are its 20 superclasses.
  public var hasCoarseLabels = false
  /// What becomes of images for validation.
  public var validation = Validation.keep
  /// The share of the training images that become test images, where it has none: above 0 and below 1.
  public var testShare: Double?
  /// What chooses them.
  public var seed: UInt64 = 0
  /// The names of the classes, in place of those of the source.
  public var classNames: ClassNames?

  /// Changes nothing.
  public init() {}

  /// Reads a source, at most 256 classes of bytes.
  ///
  /// - Parameter progress: is told the share of the work that is done, 0 to 1.
  /// - Throws: a ``FileError`` where the source is missing, none of these forms, or damaged, and where a
  ///   setting does not apply to its form.
  public func read(
    _ source: String, progress: @escaping (Double) -> Void = { _ in }
  ) throws(FileError) -> ImportedData {
    let source = try DataSource(source, format: format)
    try checkSettings(for: source)
    var imported = try source.read(self, progress: progress)
    try change(&imported, of: source)
    for split in imported.set.splits {
      guard let images = imported.set.parts[split], let names = imported.set.classNames else {
        continue
      }
      try images.checkNames(names)
    }
    warn(of: source, &imported)
    return imported
  }

  private func change(
    _ imported: inout ImportedData, of source: DataSource
  ) throws(FileError) {
    var first = firstLabel
    if isEMNIST {
      let mapping = try EMNISTMapping.read(of: source)
      let labels = imported.set.parts.values.flatMap { $0.labels ?? [] }
      first = mapping?.first ?? labels.min().map(Int.init) ?? 0
      if let names = mapping?.classNames { imported.set.classNames = names }
    }
    if isEMNIST || isTransposed {
      try imported.set.transpose()
      imported.changes.append("transposed")
    }
    if first > 0 {
      try imported.set.countLabels(from: first)
      imported.changes.append("labels counted from \(first)")
    }
    if imported.set.parts[.validation] != nil {
      switch validation {
      case .keep: break
      case .merge:
        try imported.set.mergeValidation()
        imported.changes.append("validation images merged into the training images")
      case .drop:
        imported.set.parts[.validation] = nil
        imported.changes.append("validation images left out")
      }
    }
    if let testShare {
      try imported.set.holdOutTest(share: testShare, seed: seed)
      imported.changes.append("test images taken from the training images")
    }
    if let classNames { imported.set.classNames = classNames }
  }

  private func warn(of source: DataSource, _ imported: inout ImportedData) {
    let set = imported.set
    let orientation = (set.parts[.train] ?? set.parts[.test]).flatMap { DigitOrientation($0) }
    if case .transposed = orientation {
      imported.warnings.append(.transposedDigits)
    } else if orientation == nil, source.isNamedEMNIST, !isEMNIST, !isTransposed {
      imported.warnings.append(.namedEMNIST(source.path))
    }
    let lowest = set.parts.values.compactMap { $0.labels?.min() }.min() ?? 0
    // Where classes have names, the first of them may just have no images.
    if set.classNames == nil, firstLabel == 0, lowest > 0 {
      imported.warnings.append(.noClassZero(lowest: Int(lowest)))
    }
  }
}

/// A data set that was read, and how.
public struct ImportedData: Sendable {
  /// The data set.
  public var set: DataSet
  /// What the source was taken for: "CIFAR-10".
  public let source: String
  /// What was changed: "transposed".
  public var changes: [String] = []
  /// What somebody should look at.
  public var warnings: [ImportWarning] = []

  init(_ set: DataSet, from source: String) { (self.set, self.source) = (set, source) }
}

extension ImageSet {
  /// Throws where a label has no name.
  fileprivate func checkNames(_ names: ClassNames) throws(FileError) {
    guard let labels, let bad = labels.firstIndex(where: { Int($0) >= names.count }) else { return }
    throw FileError(
      .invalid, file: labelFile ?? imageFile, place: "label \(bad), counted from 0",
      expected: "one of the \(names.count) classes that have names", found: "\(labels[bad])")
  }
}
