import ArgumentParser
import Files
import MiniCNN

/// Makes a data set of what others have.
struct DataImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes IDX files of a folder of pictures, a CSV file, CIFAR, EMNIST or an .npz file.",
    discussion: """
      EXAMPLES
        minicnn data import pictures out
        minicnn data import pictures out --size 28x28 --test-share 0.2
        minicnn data import train.csv out --test-share 0.1
        minicnn data import pathmnist.npz out --validation merge
        minicnn data import gzip/emnist-letters letters --emnist
        minicnn data import cifar-10-batches-bin out --gzip

      SOURCE is a folder with a folder of PNG, JPEG or PGM pictures for each class, or with such \
      folders in train and test; a CSV file with a label and pixels in each row, or a folder with \
      train.csv and test.csv; an .npz file with arrays named as MedMNIST's or Keras's; a folder with the \
      binary files of CIFAR-10 or CIFAR-100; or a folder of IDX files such as EMNIST's, of which \
      folder/name chooses one set.

      Images are turned and labels shifted only where a flag says so; a warning says where one seems \
      to be needed; a flag that the source has no use for is refused. JSON: data, source, parts (part, images, height, width, channels, labelled, \
      sha256), classes, changes, warnings.
      """)

  @Argument(help: "What to import.", completion: .file(extensions: ["csv", "npz"])) var source:
    String
  @Argument(help: "The folder to make.", completion: .directory) var output: String
  @OptionGroup(title: "Source") var flags: DataImportFlags
  @Flag(help: "Write gzip files, which are smaller and load more slowly.") var gzip = false
  @Flag(help: "Replace the folder if it holds nothing but a data set.") var overwrite = false
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    guard overwrite || !WholeFile.exists(output) else {
      throw Failure(.usage, "\(output): already exists; --overwrite replaces it")
    }
    // Before work that may take a minute.
    try DataSet.verifyWritable(output, replacing: overwrite)
    var line = ProgressLine("importing \(source)")
    let imported = try flags.settings().read(source) { line.update($0) }
    line.clear()
    for warning in imported.warnings {
      Terminal.message("warning: \(warning)\(warning.advice)".onOneLine)
    }
    try imported.set.write(to: output, isCompressed: gzip, replacing: overwrite)
    let written = DataSetOutput(output, imported)
    if jsonFlag.json { return try JSONOutput.print(written) }
    Terminal.result("\(output): \(written.sentence), from \(imported.source)".onOneLine)
    for part in written.parts where !part.labelled {
      Terminal.result("  the \(part.part) images have no labels, for prediction alone")
    }
    for change in imported.changes { Terminal.result("  \(change)") }
  }
}

/// How a source is read.
struct DataImportFlags: ParsableArguments {
  @Option(help: "What the source is, where its names do not say so.") var format: DataImport.Format?
  @Option(help: "Rows of an image, where a CSV file does not say so and they are not square.")
  var height: Int?
  @Option(help: "Pixels of a row.") var width: Int?
  @Option(help: "Values of a pixel: 1 makes pictures grey, 3 coloured.") var channels: Int?
  @Option(help: ArgumentHelp("Scale pictures to this size: 28x28.", valueName: "size"))
  var size: String?
  @Flag(help: "Exchange the rows and columns of every image.") var transpose = false
  @Option(help: ArgumentHelp("The label of the first class.", valueName: "label"))
  var labelsFrom = 0
  @Flag(
    help: "Transpose, count labels from the lowest, and name classes as EMNIST's files need it.")
  var emnist = false
  @Flag(help: "Take the 20 superclasses of CIFAR-100.") var coarse = false
  @Option(help: "What becomes of images that are for validation.")
  var validation: DataImport.Validation = .keep
  @Option(
    help: ArgumentHelp("Make a share of the training images test images.", valueName: "share"))
  var testShare: Double?
  @Option(help: "The seed that they are chosen by.") var seed: UInt64 = 0
  @Option(
    help: ArgumentHelp("A file with the names of the classes, one per line.", valueName: "file"),
    completion: .file())
  var classes: String?

  func validate() throws {
    for (flag, value) in [("height", height), ("width", width)] {
      if let value, !(1...4096).contains(value) {
        throw ValidationError("--\(flag): expected 1 to 4096, found \(value)")
      }
    }
    if (height == nil) != (width == nil) {
      throw ValidationError("--height and --width go together")
    }
    if let channels, channels != 1, channels != 3 {
      throw ValidationError("--channels: expected 1 or 3, found \(channels)")
    }
    if let size, PictureSize(size) == nil {
      throw ValidationError(
        "--size: expected rows and columns as 28x28, 1 to 4096 each, found \(size)")
    }
    guard (0...255).contains(labelsFrom) else {
      throw ValidationError("--labels-from: expected 0 to 255, found \(labelsFrom)")
    }
    if let testShare, !(testShare > 0 && testShare < 1) {
      throw ValidationError(
        "--test-share: expected a share above 0 and below 1, found \(testShare)")
    }
    if emnist, transpose || labelsFrom != 0 {
      throw ValidationError("--emnist stands for --transpose and --labels-from; use it or those")
    }
  }

  func settings() throws -> DataImport {
    var settings = DataImport()
    settings.format = format
    let stated = height.flatMap { height in width.map { PictureSize(height: height, width: $0) } }
    settings.form = ImageForm(size: stated, channels: channels)
    settings.size = size.flatMap { PictureSize($0) }
    settings.isTransposed = transpose
    settings.firstLabel = labelsFrom
    settings.isEMNIST = emnist
    settings.hasCoarseLabels = coarse
    settings.validation = validation
    settings.testShare = testShare
    settings.seed = seed
    settings.classNames = try classes.map { try ClassNames(reading: $0) }
    return settings
  }
}

extension DataImport.Format: ExpressibleByArgument {}
extension DataImport.Validation: ExpressibleByArgument {}

extension ImportWarning {
  /// Which flag to use.
  fileprivate var advice: String {
    switch self {
    case .transposedDigits: "; --transpose turns them"
    case .namedEMNIST: "; --emnist turns them"
    case .noClassZero(let lowest): "; --labels-from \(lowest) makes class \(lowest) class 0"
    case .leftOut: ""
    }
  }
}

/// What `--json` prints of a data set that was imported.
private struct DataSetOutput: Encodable {
  struct Part: Encodable {
    let part: String
    let images: Int
    let height: Int
    let width: Int
    let channels: Int
    let labelled: Bool
    let sha256: String?
  }

  let data: String
  let source: String
  let parts: [Part]
  let classes: Int
  let changes: [String]
  let warnings: [String]

  init(_ data: String, _ imported: ImportedData) {
    (self.data, source, changes) = (data, imported.source, imported.changes)
    warnings = imported.warnings.map(\.description)
    let set = imported.set
    classes = set.classCount
    parts = set.splits.compactMap { split in
      set.parts[split].map { images in
        Part(
          part: split.rawValue, images: images.count, height: images.height, width: images.width,
          channels: images.channels, labelled: images.labels != nil, sha256: images.sha256)
      }
    }
  }

  /// "60,000 training and 10,000 test images of 28×28×1 in 10 classes".
  var sentence: String {
    let counts = parts.map { part in
      "\(Format.grouped(part.images)) \(part.part == "train" ? "training" : part.part)"
    }
    let list =
      counts.count < 2
      ? counts.joined()
      : counts.dropLast().joined(separator: ", ") + " and " + (counts.last ?? "")
    let size = parts.first.map { " of \($0.height)×\($0.width)×\($0.channels)" } ?? ""
    return "\(list) images\(size) in \(Format.count(classes, "class", "classes"))"
  }
}
