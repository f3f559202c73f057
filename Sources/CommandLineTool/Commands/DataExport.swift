import ArgumentParser
import Files
import MiniCNN

/// Writes a data set as others have it.
struct DataExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a data set as folders of PNG pictures, CSV files or an .npz file.",
    discussion: """
      EXAMPLES
        minicnn data export mnist digits --format folders
        minicnn data export mnist digits-csv --format csv
        minicnn data export mnist digits.npz --format npz

      What is written holds all images, labels and names: minicnn data import makes the same data set \
      of it. Pictures go to train/CLASS/00000.png and so on, under their numbers, and have 1 or 3 \
      channels; CSV files have Kaggle's columns, whose names state a size that is not plain from their \
      number; .npz files have MedMNIST's arrays, and at most 4 channels.
      """)

  @Argument(
    help:
      "The folder of the data set, one of several in it as folder/name, or the name of an installed one.",
    completion: .lookUp(.data))
  var data: String
  @Argument(help: "The folder or file to write.", completion: .file(extensions: ["npz"]))
  var output: String
  @Option(help: "What to write.") var format: DataSet.ExportFormat
  @Flag(help: "Replace a folder that holds nothing but such an export, or an .npz file.")
  var overwrite = false

  func run() throws {
    guard overwrite || !WholeFile.exists(output) else {
      throw Failure(.usage, "\(output): already exists; --overwrite replaces it")
    }
    let data = try Installation.current.path(of: data, as: .data)
    let set = try DataSet(DataFolder(data))
    var line = ProgressLine("exporting \(data)")
    try set.export(to: output, as: format, replacing: overwrite) { line.update($0) }
    line.clear()
    let images = set.parts.values.reduce(0) { $0 + $1.count }
    Terminal.result("\(output): \(Format.count(images, "image"))".onOneLine)
  }
}

extension DataSet.ExportFormat: ExpressibleByArgument {}
