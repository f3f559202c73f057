import ImageData
import NeuralNetwork
import Platform
import Training

/// What a network loses by computing with integers, on images with classes.
public struct QuantizationReport: Sendable {
  /// The share of images that a network may lose: half a point.
  public static let largestLoss = 0.005

  /// The network with integers, which has the one with floats.
  public let quantized: QuantizedNetwork
  /// Who gets which images right: with floats first, with integers second.
  public let comparison: PairedComparison
  private let images: ImageSet
  private let numbers: [Int32]

  /// Judges both networks by images that have classes, one for each output.
  ///
  /// - Parameter numbers: which of them; none of those that the integers were calibrated with.
  public init(
    _ quantized: QuantizedNetwork, on images: ImageSet, numbers: [Int32], threads: Int? = nil
  ) {
    let labels = images.labels
    require(labels != nil, "\(images.imageFile) has no labels to judge by")
    let predictor = Predictor(quantized.model.network, pool: ThreadPool(threads: threads))
    let scores = predictor.evaluate(images, numbers, loss: quantized.model.loss)
    let outputs = quantized.outputs(images, numbers, threads: threads)
    comparison = PairedComparison(
      first: scores.predictions, second: outputs.map { Int32(QuantizedNetwork.largest($0)) },
      labels: numbers.map { Int32(labels?[Int($0)] ?? 0) })
    (self.quantized, self.images, self.numbers) = (quantized, images, numbers)
  }

  /// The share of images lost, as a difference of accuracies; negative where integers do better.
  public var loss: Double { comparison.difference }
  /// The accuracy with floats.
  public var floatAccuracy: Double { share(comparison.bothRight + comparison.onlyFirst) }
  /// The accuracy with integers.
  public var accuracy: Double { share(comparison.bothRight + comparison.onlySecond) }

  private func share(_ count: Int) -> Double { Double(count) / Double(max(1, comparison.samples)) }

  /// Three lines: the accuracies, the paired test, the bytes.
  public var text: String {
    let range = comparison.interval
    return """
      int8: \(percent(accuracy)) of \(comparison.samples) images, \(percent(floatAccuracy)) with floats: \
      \(points(loss)) points lost (95 % interval \(points(range.lowerBound)) to \(points(range.upperBound)))
      paired test: \(comparison.onlyFirst) right with floats alone, \(comparison.onlySecond) with integers alone, \
      p = \(fixed(comparison.pValue, 3)) (McNemar)
      weights: \(quantized.constantBytes) bytes; ranges from \(quantized.calibrationImages) training images
      """
  }

  /// What each step costs alone, over the first images.
  public func layerCosts(images count: Int = 1000, threads: Int? = nil) -> [LayerCost] {
    quantized.layerCosts(images, Array(numbers.prefix(count)), threads: threads)
  }

  /// Ends well where no more than ``largestLoss`` is lost.
  ///
  /// - Throws: a `ModelError` that names the layer that costs most by itself, which it takes some passes to find.
  public func check(threads: Int? = nil) throws(ModelError) {
    guard loss > Self.largestLoss else { return }
    let worst = layerCosts(threads: threads).max {
      ($0.changed, $0.squaredError) < ($1.changed, $1.squaredError)
    }
    var error = ModelError(
      "8-bit integers lose \(points(loss)) points of accuracy (\(percent(floatAccuracy)) to"
        + " \(percent(accuracy)) of \(comparison.samples) images); expected at most"
        + " \(points(Self.largestLoss))",
      hint: "this layer costs most by itself: it changes the class of \(worst?.changed ?? 0) of"
        + " \(min(1000, numbers.count)) images")
    if let worst { error = error.at("layer \(worst.layer)") }
    throw error
  }
}

private func percent(_ share: Double) -> String { "\(fixed(share * 100, 2)) %" }
private func points(_ share: Double) -> String { fixed(share * 100, 2) }

/// A number of moderate size with this many decimals.
private func fixed(_ value: Double, _ decimals: Int) -> String {
  let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
  let scaled = Int((value.magnitude * Double(scale)).rounded())
  let rest = String(scaled % scale)
  return (value < 0 && scaled > 0 ? "-" : "") + "\(scaled / scale)."
    + String(repeating: "0", count: decimals - rest.count) + rest
}
