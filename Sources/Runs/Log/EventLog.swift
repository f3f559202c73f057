import Files
import ImageData
import NeuralNetwork
import Platform
import Training

/// A run in TensorBoard's event files: numbers and histograms after each epoch, at the step that ends it.
final class EventLog {
  private let file: EventFile

  /// Begins a file in a folder, after those that earlier parts of the run have left there.
  ///
  /// - Parameters:
  ///   - replaces: whether those are another run's, and go.
  ///   - step: the steps that the run has made; what earlier files say of later ones is taken back.
  init(_ folder: String, replacing replaces: Bool, from step: Int) throws(FileError) {
    file = try EventFile(inFolder: folder, replacing: replaces)
    try file.append([Event(.version), Event(.start, step: step + 1)])
  }

  /// What is there before the first step: images as training sees them.
  func begin(_ trainer: Trainer) throws(FileError) {
    var values: [SummaryValue] = []
    if let sheet = trainer.sheet() { values.append(try picture("images/training", sheet)) }
    if !values.isEmpty { try file.append([Event(.summary(values))]) }
  }

  /// What an epoch has come to.
  func add(_ record: EpochRecord, of trainer: Trainer) throws(FileError) {
    let network = trainer.state.network
    var values = numbers(record)
    values.append(
      SummaryValue(
        "weights/norm", .number(norm(network.variables.pointer, network.layout.trainedCount))))
    let gradient = trainer.lastGradient
    if let gradient {
      values.append(SummaryValue("gradients/norm", .number(norm(gradient.pointer, gradient.count))))
    }
    for entry in network.layout.entries where !entry.variable.isCount {
      let name = "\(network.nodes[entry.node].name)/\(entry.variable.name)"
      let weights = UnsafeBufferPointer(
        start: network.variables.pointer + entry.offset, count: entry.range.count)
      values.append(SummaryValue("weights/\(name)", .histogram(Histogram(weights))))
      guard let gradient, entry.isTrained else { continue }
      let slopes = UnsafeBufferPointer(
        start: gradient.pointer + entry.offset, count: entry.range.count)
      values.append(SummaryValue("gradients/\(name)", .histogram(Histogram(slopes))))
    }
    if let kernels = KernelSheet(network) {
      values.append(try picture("kernels/\(kernels.layer)", kernels.image))
    }
    try file.append([Event(.summary(values), step: record.epoch * trainer.batchesPerEpoch)])
  }

  private func numbers(_ record: EpochRecord) -> [SummaryValue] {
    let fixed: [(String, Double?)] = [
      ("loss/training", record.loss), ("loss/validation", record.validationLoss),
      ("accuracy/training", record.accuracy), ("accuracy/validation", record.validationAccuracy),
      ("learning_rate", record.learningRate),
    ]
    let metrics = (record.validationMetrics ?? [:]).sorted { $0.key < $1.key }
      .map { ("metrics/\($0.key)", Optional($0.value)) }
    return (fixed + metrics).compactMap { tag, value in
      value.map { SummaryValue(tag, .number(Float($0))) }
    }
  }

  private func picture(_ tag: String, _ image: PNGImage) throws(FileError) -> SummaryValue {
    SummaryValue(tag, .picture(image, png: try image.encoded(file.path)))
  }

  private func norm(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
    let values = UnsafeBufferPointer(start: values, count: count)
    return Float(values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
  }
}

extension Trainer {
  /// The first images that train, unchanged and as three epochs see them; `nil` where they are no pictures.
  fileprivate func sheet() -> PNGImage? {
    let shape = source.sampleShape
    guard shape.rank == 3, shape[2] == 1 || shape[2] == 3,
      let sheet = try? ContactSheet(
        source, settings: settings, rows: 4, epochs: 3, magnification: 2),
      sheet.isDrawable
    else { return nil }
    return sheet.draw()
  }
}
