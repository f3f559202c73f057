import ArgumentParser
import Files
import MiniCNN

/// A page that shows a trained network at work.
struct See: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a page that shows a network at work on a digit, forwards and backwards.",
    discussion: """
      EXAMPLES
        minicnn see digits-fast --data mnist --index 7 -o see.html
        minicnn see lenet5.weights.h5
        minicnn see digits-fast photo.jpg -o own.html

      The page is one file, which a browser opens from the disk and which asks for nothing else. In it \
      the digit flows through every layer: point at a number to see the window it came from, which \
      number won a max pooling, and whether a ReLU let it through. Step back and watch the gradient \
      arrive. Draw a digit, shift it, change the poolings or the activations, and see what moves.

      A picture of yours is prepared as predict does, or with --as-is only scaled. Without one it shows a \
      test image of --data, or of the folder that the model was trained on, and counts on the first \
      hundred test images how many answers a change moves.

      JSON: file, bytes.
      """)

  @Argument(
    help: "The checkpoint, or the name of an installed one.", completion: .lookUp(.checkpoint))
  var file: String
  @Argument(
    help: ArgumentHelp(
      "A picture of yours: a file, or - for standard input.", valueName: "picture"),
    completion: .picture)
  var picture: String?
  @Flag(help: "Take the picture as it is, only scaled.") var asIs = false
  @OptionGroup var dataFlags: DataFlags
  @Option(help: "The number of the test image, counted from 0 (default: 0).") var index: Int?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The page to write.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output = "see.html"
  @Flag(help: "Replace the file if there is one.") var overwrite = false
  @OptionGroup var weightsFlag: WeightsFlag
  @OptionGroup var jsonFlag: JSONFlag

  func validate() throws {
    if picture != nil, index != nil {
      throw ValidationError("--index names a test image; use it or a picture of yours, not both")
    }
    if asIs, picture == nil { throw ValidationError("--as-is goes with a picture of yours") }
  }

  func run() throws {
    let files = OutputFiles([output])
    try files.check(overwrite: overwrite)
    let file = try Installation.current.path(of: file, as: .weights)
    let checkpoint = try Checkpoint(contentsOf: file)
    let network = try weightsFlag.network(of: checkpoint, file: file)
    let images = try testImages(checkpoint, network, file)
    let shown = try picture.map { try own($0, network) } ?? testImage(images, network)
    let page: SeePage
    do {
      page = try SeePage(
        network, name: network.spec.name, loss: checkpoint.settings.loss,
        classNames: checkpoint.classNames, picture: shown, bank: images)
    } catch {
      throw Failure(.data, "\(file): \(error)")
    }
    let bytes = Array(try page.html().utf8)
    try files.write([bytes])
    if jsonFlag.json { return try JSONOutput.print(SeeOutput(file: output, bytes: bytes.count)) }
    Terminal.result("saved \(output) (\(Format.fixed(Double(bytes.count) / 1e6, 2)) MB)")
  }

  /// The test images; `nil` where none are named and those of the run are not at hand, as a picture of one's
  /// own needs none.
  private func testImages(
    _ checkpoint: Checkpoint, _ network: Network, _ file: String
  ) throws -> ImageSet? {
    if picture != nil, !dataFlags.areStated {
      let data = checkpoint.trainingFolder.flatMap { try? LabelledData(paths: $0, split: .test) }
      return data?.images.flatMap { $0.sampleShape == network.inputShape ? $0 : nil }
    }
    let data = try LabelledData(
      paths: try dataFlags.testPaths(for: checkpoint, in: file), split: .test)
    try data.samples.checkShape(network, file: data.sampleFile)
    guard let images = data.images else {
      throw Failure(.data, "\(data.name): expected images, found other samples")
    }
    return images
  }

  private func testImage(_ images: ImageSet?, _ network: Network) throws -> SeePage.Picture {
    guard let images else { throw Failure(.usage, "name the data with --data") }
    let number = index ?? 0
    guard (0..<images.count).contains(number) else {
      throw Failure(
        .usage,
        "--index: expected 0 to \(images.count - 1), the last image of \(images.imageFile), found"
          + " \(number)")
    }
    return SeePage.Picture(images, index: number)
  }

  private func own(_ path: String, _ network: Network) throws -> SeePage.Picture {
    guard let preparation = PicturePreparation(input: network.inputShape) else {
      throw Failure(
        .data,
        "\(file): \(network.spec.name) takes \(network.inputShape); a picture has 1 or 3 channels")
    }
    let name = path == "-" ? "standard input" : path
    let picture =
      path == "-" ? try Picture(descriptor: 0, name: name) : try Picture(contentsOf: path)
    let prepared = asIs ? preparation.scale(picture) : preparation.prepare(picture)
    for warning in prepared.warnings { Terminal.message("warning: \(name): \(warning)") }
    return SeePage.Picture(pixels: prepared.pixels, text: name)
  }
}

/// What `--json` prints.
private struct SeeOutput: Encodable {
  let file: String
  let bytes: Int
}
