import Files
import ImageData
import NeuralNetwork

extension QuantizationReport {
  /// Rounds a network to integers with some of its training images, and judges it by others.
  ///
  /// - Parameters:
  ///   - training: the images it was trained on, or others like them; never the test images.
  ///   - used: the numbers of those that it was trained on; all where `nil`.
  ///   - test: images with classes to judge by; where `nil`, training images that did not calibrate.
  ///   - seed: decides which training images calibrate.
  /// - Throws: a `ModelError` for a layer without an integer form, a `FileError` where there are no images with classes
  ///   to judge by.
  public init(
    _ model: TrainedModel, training: ImageSet, used: [Int32]? = nil, test: ImageSet?, seed: UInt64,
    threads: Int? = nil
  ) throws {
    let all = used ?? (0..<Int32(training.count)).map { $0 }
    let calibrating = QuantizedNetwork.calibrationNumbers(of: all, seed: seed)
    let judge = test ?? training
    let known = Set(calibrating)
    let judging =
      test == nil ? all.filter { !known.contains($0) } : (0..<Int32(judge.count)).map { $0 }
    guard judge.labels != nil, !judging.isEmpty else {
      throw FileError(
        .invalid, file: judge.imageFile, expected: "images with classes to judge 8-bit integers by",
        found: judge.labels == nil ? "images without" : "none but the images that calibrate")
    }
    try judge.checkLabels(classes: model.network.outputShape.count)
    let quantized = try QuantizedNetwork(
      model, calibration: training, numbers: calibrating, threads: threads)
    self.init(quantized, on: judge, numbers: judging, threads: threads)
  }
}
