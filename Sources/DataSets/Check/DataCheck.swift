import Files
import ImageData

/// What is wrong with a data set, and what is worth knowing of it, before anybody trains on it.
///
/// Reads every image; about half a second for MNIST's 70,000.
public struct DataCheck: Sendable {
  /// One part of the data set, as it was read.
  public struct Part: Sendable {
    /// Which one.
    public let split: DataSplit
    /// Its images.
    public let images: ImageSet
    /// What it is, where it is a part of a known data set: "MNIST's test set".
    public let known: String?
  }

  /// How many images a class has.
  public struct ClassCount: Sendable {
    /// Its name, or its number.
    public let name: String
    /// The number of its images in each of the ``DataCheck/parts``.
    public let counts: [Int]
  }

  /// The parts that could be read.
  public let parts: [Part]
  /// The classes, in the order of their labels.
  public let classes: [ClassCount]
  /// What was found: what is wrong first, then warnings, then notes.
  public let findings: [DataFinding]

  /// Whether nothing is wrong; there may be warnings.
  public var isSound: Bool { !findings.contains { $0.severity == .wrong } }

  /// The largest share of a part's images that may have a fault for it to be a warning and not wrong:
  /// good data sets have some.
  public static let tolerance = 0.01

  /// Reads a data set and looks at it.
  ///
  /// - Throws: a ``FileError`` where there is no data set. A file of it that is missing or invalid is a
  ///   finding.
  public init(_ folder: DataFolder) throws(FileError) {
    var report = DataReport()
    let parts = try Self.read(folder, &report)
    let names = Self.names(folder, &report)
    report.checkSizes(parts)
    report.checkLabels(parts, names)
    classes = Self.count(parts, names)
    report.checkBalance(parts, classes, areNamed: names != nil)
    report.checkContent(parts)
    report.checkOrientation(parts, setName: try folder.setName())
    self.parts = parts
    findings = report.sorted
  }

  private static func read(
    _ folder: DataFolder, _ report: inout DataReport
  ) throws(FileError) -> [Part] {
    var parts: [Part] = []
    var failure: FileError?
    for split in DataSplit.allCases {
      let own = try folder.ownFiles(split)
      if own.images == nil && own.labels == nil {
        guard split != .validation else { continue }
        do throws(FileError) { _ = try folder.files(split) } catch { failure = failure ?? error }
        report.add(.note, .files, split, "there are no \(split) images")
        continue
      }
      do throws(FileError) {
        // Images to predict need no labels; those to train on do.
        let isUnlabelled = own.labels == nil && split != .train
        let images =
          if isUnlabelled, let file = own.images { try ImageSet(images: file) } else {
            try folder.load(split)
          }
        if isUnlabelled { report.add(.note, .files, split, "the images have no labels") }
        parts.append(Part(split: split, images: images, known: KnownSet.name(of: images)))
      } catch {
        report.add(.wrong, .files, split, error.description)
      }
    }
    if parts.isEmpty, report.findings.allSatisfy({ $0.severity == .note }), let failure {
      throw failure
    }
    for part in parts {
      report.checkIdentity(part.images, part.split)
    }
    return parts
  }

  private static func names(_ folder: DataFolder, _ report: inout DataReport) -> ClassNames? {
    do throws(FileError) {
      return try folder.classNames()
    } catch {
      report.add(.wrong, .files, nil, error.description)
      return nil
    }
  }

  private static func count(_ parts: [Part], _ names: ClassNames?) -> [ClassCount] {
    let counts = parts.map { part in
      var counts = [Int](repeating: 0, count: 256)
      for label in part.images.labels ?? [] { counts[Int(label)] += 1 }
      return counts
    }
    let used = (0..<256).last { label in counts.contains { $0[label] > 0 } }.map { $0 + 1 } ?? 0
    // Without labels there is nothing to count.
    let classes = used == 0 ? 0 : max(used, names?.count ?? 0)
    return (0..<classes).map { label in
      ClassCount(name: names?[label] ?? "\(label)", counts: counts.map { $0[label] })
    }
  }
}
