import ArgumentParser
import Files
import MiniCNN

/// A page that shows a trained network at work.
struct See: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a page that shows a network at work on a digit, forwards and backwards.",
    discussion: """
      EXAMPLES
        minicnn see Models/digits-fast.weights.h5 --data Datasets/mnist --index 7 -o see.html
        minicnn see lenet5.weights.h5

      The page is one file, which a browser opens from the disk and which asks for nothing else. In it \
      the digit flows through every layer: point at a number to see the window it came from, which \
      number won a max pooling, and whether a ReLU let it through. Step back and watch the gradient \
      arrive. Draw a digit, shift it, change the poolings or the activations, and see what moves.

      Without --data, it shows a test image of the folder that the model was trained on.

      JSON: file, bytes.
      """)

  @Argument(help: "The checkpoint.", completion: .checkpoint) var file: String
  @OptionGroup var dataFlags: DataFlags
  @Option(help: "The number of the test image, counted from 0.") var index = 0
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The page to write.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output = "see.html"
  @Flag(help: "Replace the file if there is one.") var overwrite = false
  @OptionGroup var weightsFlag: WeightsFlag
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let files = OutputFiles([output])
    try files.check(overwrite: overwrite)
    let checkpoint = try Checkpoint(contentsOf: file)
    let folder = checkpoint.data.flatMap { $0.paths.count == 1 ? $0.paths : nil }
    let data = try LabelledData(paths: try dataFlags.requiredPaths(otherwise: folder), split: .test)
    let network = try weightsFlag.network(of: checkpoint, file: file)
    try data.samples.checkShape(network, file: data.sampleFile)
    guard let images = data.images else {
      throw Failure(.data, "\(data.name): expected images, found other samples")
    }
    guard (0..<images.count).contains(index) else {
      throw Failure(
        .usage,
        "--index: expected 0 to \(images.count - 1), the last image of \(images.imageFile), found"
          + " \(index)")
    }
    let page: SeePage
    do {
      page = try SeePage(
        network, name: network.spec.name, loss: checkpoint.settings.loss,
        classNames: checkpoint.classNames, picture: SeePage.Picture(images, index: index),
        bank: images)
    } catch {
      throw Failure(.data, "\(file): \(error)")
    }
    let bytes = Array(try page.html().utf8)
    try files.write([bytes])
    if jsonFlag.json { return try JSONOutput.print(SeeOutput(file: output, bytes: bytes.count)) }
    Terminal.result("saved \(output) (\(Format.fixed(Double(bytes.count) / 1e6, 2)) MB)")
  }
}

/// What `--json` prints.
private struct SeeOutput: Encodable {
  let file: String
  let bytes: Int
}
