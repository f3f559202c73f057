import Files
import ArgumentParser
import MiniCNN

/// Draws what a network sees in training.
struct DataPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Writes a contact sheet (PNG) of training images as the network will see them.",
    discussion: """
      EXAMPLES
        minicnn data preview --data mnist --augmentation shift=2,rotation=10
        minicnn data preview --data mnist --model digits-fast --seed 7
        minicnn data preview --data mnist --mixup 0.4 --output mixed.png

      A row for each training image: first as it is in the file, then as the network sees it in \
      the first epochs of a run with these settings (or the model file's) and this seed.
      """)

  @OptionGroup var dataFlags: DataFlags
  @OptionGroup var modelOption: ModelOption
  @OptionGroup(title: "Settings") var flags: TrainingFlags
  @Option(
    help: ArgumentHelp("The PNG file.", valueName: "file"), completion: .file(extensions: ["png"]))
  var output = "preview.png"
  @Option(help: "Rows: the first training images.") var rows = 10
  @Option(help: "Columns after the original image: the first epochs.") var columns = 10
  @Option(help: "The edge of one image pixel, in pixels of the picture.") var magnification = 3

  @Flag(help: "Replace an existing file.") var overwrite = false

  func validate() throws {
    for (name, value, most) in [
      ("rows", rows, 200), ("columns", columns, 200), ("magnification", magnification, 16),
    ] where !(1...most).contains(value) {
      throw ValidationError("--\(name): expected 1 to \(most), found \(value)")
    }
  }

  func run() throws {
    let paths = try dataFlags.requiredPaths()
    let file = try modelOption.read()
    let data = try LabelledData(paths: paths, split: .train)
    let channels = data.samples.sampleShape[2]
    guard channels == 1 || channels == 3 else {
      throw Failure(
        .data, "\(data.sampleFile): a picture shows 1 or 3 channels, found \(channels)")
    }
    let settings = try TrainingSettings(
      flags.options(), model: file?.training ?? TrainingOptions(), file: modelOption.model,
      defaultSeed: 1)
    if let warning = settings.augmentation.flipWarning(for: data) {
      Terminal.message("warning: \(warning)")
    }
    let sheet = try ContactSheet(
      data.samples, settings: settings, rows: rows, epochs: columns, magnification: magnification)
    guard sheet.isDrawable else {
      throw Failure(
        .usage,
        "a picture of \(Format.grouped(sheet.width)) by \(Format.grouped(sheet.height)) pixels is"
          + " too large (at most \(Format.grouped(ContactSheet.mostPixels)) in all); ask for fewer"
          + " --rows or --columns, or less --magnification")
    }
    guard overwrite || !WholeFile.exists(output) else {
      throw Failure(
        .usage, "\(output): already exists; --overwrite replaces it, --output names another")
    }
    try sheet.draw().save(to: output)
    Terminal.result(
      "saved \(output): \(Format.count(sheet.samples.count, "image")),"
        + " \(Format.count(columns, "epoch")) of seed \(settings.seed),"
        + " augmentation \(settings.augmentation), mixup \(settings.mixup)")
  }
}
