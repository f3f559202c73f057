import ArgumentParser
import Files
import MiniCNN

/// Predicts the classes of images.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predicts the class of each image in a file, and draws the image.",
    discussion: """
      EXAMPLES
        minicnn predict lenet5.weights.h5 --images Datasets/mnist/t10k-images-idx3-ubyte.gz --index 0 7
        minicnn predict lenet5.weights.h5 --images digits.idx3 --json

      Images named with --index are drawn; without --index all are predicted, a line each.

      JSON: predictions, a list of index, class, probability, probabilities; in place of the last two, \
      outputs where those of the model stand for no probabilities. There is no class where the \
      model was trained on numbers.
      """)

  @Argument(help: "The checkpoint.", completion: .checkpoint) var file: String
  @Option(help: ArgumentHelp("An IDX file of images.", valueName: "file"), completion: .file())
  var images: String
  @Option(parsing: .upToNextOption, help: "The numbers of images, counted from 0.")
  var index: [Int] = []
  @OptionGroup var weightsFlag: WeightsFlag
  @OptionGroup var viewsOption: ViewsOption
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let checkpoint = try Checkpoint(contentsOf: file)
    let set = try ImageSet(images: images)
    try set.checkShape(checkpoint.network)
    for number in index where !(0..<set.count).contains(number) {
      throw Failure(
        .usage,
        "--index: expected 0 to \(set.count - 1), the last image of \(images), found \(number)")
    }
    let numbers = index.isEmpty ? Array(0..<set.count) : index
    let classifier = Classifier(
      try weightsFlag.network(of: checkpoint, file: file), loss: checkpoint.settings.loss,
      views: try viewsOption.views(for: checkpoint.network), threads: threadsOption.threads)
    let found = zip(numbers, try predictions(classifier, set, numbers)).map { number, prediction in
      PredictionOutput(
        prediction, index: number, names: checkpoint.hasClasses ? checkpoint.classNames : [])
    }
    if jsonFlag.json { return try JSONOutput.print(["predictions": found]) }
    for prediction in found {
      Terminal.result("image \(prediction.index): \(prediction.text)")
      if !index.isEmpty { Terminal.result(set.drawing(of: prediction.index)) }
    }
  }

  private func predictions(
    _ classifier: Classifier, _ set: ImageSet, _ numbers: [Int]
  ) throws(FileError) -> [Classifier.Prediction] {
    do throws(NumericFault) {
      return try classifier.predict(set, numbers)
    } catch {
      throw FileError(
        .invalid, file: images, place: error.sample.map { "image \($0)" },
        expected: "finite numbers", found: "one that is not")
    }
  }
}

/// What `--json` prints for an image.
private struct PredictionOutput: Encodable {
  let index: Int
  let `class`: String?
  let probability: Double?
  let probabilities: [Double]?
  let outputs: [Double]?

  init(_ prediction: Classifier.Prediction, index: Int, names: [String]) {
    self.index = index
    let values = prediction.values.map(Double.init)
    let isProbable = prediction.kind != .values
    `class` = names.isEmpty ? nil : names[prediction.class]
    probability = isProbable ? values[prediction.class] : nil
    (probabilities, outputs) = isProbable ? (values, nil) : (nil, values)
  }

  /// What people read: the class and its probability, or the first outputs.
  var text: String {
    var parts: [String] = []
    if let `class` { parts.append(`class`.onOneLine) }
    if `class` != nil, let probability { return parts[0] + "  (\(Format.percent(probability)))" }
    let most = 10, values = outputs ?? probabilities ?? []
    let shown = values.prefix(most).map { Format.fixed($0, 4) }.joined(separator: " ")
    let name = outputs == nil ? "probabilities" : "outputs"
    parts.append("\(name) \(shown)" + (values.count > most ? " … (\(values.count))" : ""))
    return parts.joined(separator: "  ")
  }
}

extension ImageSet {
  /// An image in characters: two rows of pixels a line, the mean of its channels as four shades.
  fileprivate func drawing(of index: Int) -> String {
    let shades: [Character] = [" ", "░", "▒", "▓", "█"]
    var pixels = [UInt8](repeating: 0, count: pixelsPerImage)
    pixels.withUnsafeMutableBufferPointer { buffer in
      if let target = buffer.baseAddress { copyPixels(of: index, into: target) }
    }
    func brightness(_ row: Int, _ column: Int) -> Int {
      guard row < height else { return 0 }
      let start = (row * width + column) * channels
      return pixels[start..<start + channels].reduce(0) { $0 + Int($1) } / channels
    }
    return stride(from: 0, to: height, by: 2).map { row in
      String(
        (0..<width).map { column in
          let mean = (brightness(row, column) + brightness(row + 1, column)) / 2
          return shades[min(mean * 5 / 256, 4)]
        })
    }.joined(separator: "\n")
  }
}
