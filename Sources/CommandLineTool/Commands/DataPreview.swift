import ArgumentParser
import MiniCNN

/// A picture of what a network sees in training.
struct DataPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Writes a contact sheet (PNG) of training images as the network will see them.",
    discussion: """
      EXAMPLES
        minicnn data preview --data Datasets/mnist --augmentation shift=2,rotation=10,elastic=0.8
        minicnn data preview --data Datasets/mnist --model Models/digits-fast.yaml --seed 7
        minicnn data preview --data Datasets/mnist --mixup 0.4 --output mixed.png

      A row for each image that trains: first as it is in the file, then as it is in the first
      epochs of a run with these settings and this seed.
      """)

  @OptionGroup(title: "Data") var dataFlags: DataFlags
  @Option(
    help: ArgumentHelp("A model file (YAML) whose settings to show.", valueName: "file"))
  var model: String?
  @OptionGroup(title: "Settings") var flags: TrainingFlags
  @Option(help: ArgumentHelp("The PNG file.", valueName: "file")) var output = "preview.png"
  @Option(help: "Images, a row each, the first of those that train.") var rows = 10
  @Option(help: "Epochs, a column each behind the image itself.") var columns = 10
  @Option(help: "Pixels of the picture along the edge of a pixel.") var magnification = 3

  @Flag(help: "Replace a file that exists.") var overwrite = false

  func validate() throws {
    for (name, value, most) in [
      ("rows", rows, 200), ("columns", columns, 200), ("magnification", magnification, 16),
    ] where !(1...most).contains(value) {
      throw ValidationError("--\(name): expected 1 to \(most), found \(value)")
    }
  }

  func run() throws {
    let paths = try dataFlags.requiredPaths()
    let file = try model.map { try ModelFile(contentsOf: $0) }
    let data = try LabelledData(paths: paths, split: .train)
    let channels = data.set.channels
    guard channels == 1 || channels == 3 else {
      throw Failure(
        .data, "\(data.set.imageFile): a picture shows 1 or 3 channels, found \(channels)")
    }
    let settings = try TrainingSettings(
      flags.options(), model: file?.training ?? TrainingOptions(), file: model, defaultSeed: 1)
    settings.augmentation.warn(of: data)
    let sheet = try ContactSheet(
      data.set, settings: settings, rows: rows, epochs: columns, magnification: magnification)
    guard sheet.isDrawable else {
      throw Failure(
        .usage,
        "a picture of \(Format.grouped(sheet.width)) by \(Format.grouped(sheet.height)) pixels is"
          + " too large (at most \(Format.grouped(ContactSheet.mostPixels)) in all); ask for fewer"
          + " --rows or --columns, or less --magnification")
    }
    guard overwrite || !WholeFile.exists(output) else {
      throw Failure(
        .usage, "\(output): exists already; --overwrite replaces it, --output names another")
    }
    try sheet.draw().save(to: output)
    Terminal.result(
      "saved \(output): \(sheet.samples.count) images, \(columns) epochs of seed \(settings.seed),"
        + " augmentation \(settings.augmentation), mixup \(settings.mixup)")
  }
}
