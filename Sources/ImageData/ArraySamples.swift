import Files
import NeuralNetwork
import Platform

/// Samples in memory: floats, with a class or numbers as the target of each, or neither.
///
/// Copies share the floats. Any number of threads may read them.
public struct ArraySamples: SampleSource {
  /// The number of samples.
  public let count: Int
  /// The shape of one sample.
  public let sampleShape: Shape
  /// What the samples' targets are.
  public let targets: TargetKind

  private let values: [Float]
  private let labels: [Int32]
  private let targetValues: [Float]
  private let digest = KnownDigest()

  /// Samples to predict.
  ///
  /// - Parameters:
  ///   - values: `[N, shape]`, N at least 1.
  ///   - shape: that of one sample, with 1 to 3 extents.
  public init(_ values: [Float], shape: Shape) {
    self.init(values, shape, .none, labels: [], targetValues: [])
  }

  /// Samples of which each has a class.
  ///
  /// - Parameters:
  ///   - values: `[N, shape]`, N at least 1.
  ///   - shape: that of one sample, with 1 to 3 extents.
  ///   - labels: `[N]`, from 0.
  public init(_ values: [Float], shape: Shape, labels: [Int]) {
    for label in labels {
      require(label >= 0 && label < Int32.max, "label \(label); expected 0 to \(Int32.max - 1)")
    }
    self.init(values, shape, .classes, labels: labels.map { Int32($0) }, targetValues: [])
    require(labels.count == count, "\(labels.count) labels for \(count) samples")
  }

  /// Samples of which each has numbers for a target.
  ///
  /// - Parameters:
  ///   - values: `[N, shape]`, N at least 1.
  ///   - shape: that of one sample, with 1 to 3 extents.
  ///   - targets: `[N, targetShape]`.
  ///   - targetShape: that of one target; one number where it is left out.
  public init(_ values: [Float], shape: Shape, targets: [Float], targetShape: Shape = [1]) {
    self.init(values, shape, .values(targetShape), labels: [], targetValues: targets)
    require(
      targetShape.count > 0 && targets.count == count * targetShape.count,
      "\(targets.count) numbers of targets for \(count) samples; expected \(count) × \(targetShape)"
    )
  }

  private init(
    _ values: [Float], _ shape: Shape, _ targets: TargetKind, labels: [Int32],
    targetValues: [Float]
  ) {
    require(
      (1...3).contains(shape.rank) && shape.count > 0 && !values.isEmpty
        && values.count.isMultiple(of: shape.count),
      "\(values.count) numbers of samples of \(shape); expected a multiple of \(shape.count), at"
        + " least one, and 1 to 3 extents")
    count = values.count / shape.count
    (sampleShape, self.targets, self.values) = (shape, targets, values)
    (self.labels, self.targetValues) = (labels, targetValues)
  }

  /// Writes the samples with these numbers. Overwrites `samples`.
  public func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
  ) {
    copyRows(numbers, of: values, width: sampleShape.count, to: samples)
  }

  /// Writes their classes, which they must have. Overwrites `labels`.
  public func copyLabels(
    _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
  ) {
    require(targets == .classes, "these samples have no classes")
    for (i, number) in numbers.enumerated() { labels[i] = self.labels[index(number)] }
  }

  /// Writes their targets, which they must have. Overwrites `targets`, `[numbers, outputs]`.
  public func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
  ) {
    guard case .values(let shape) = self.targets else {
      return copyOneHotTargets(numbers, outputs: outputs, to: targets)
    }
    require(outputs == shape.count, "\(outputs) outputs for targets of \(shape)")
    copyRows(numbers, of: targetValues, width: outputs, to: targets)
  }

  private func copyRows(
    _ numbers: UnsafeBufferPointer<Int32>, of rows: [Float], width: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    rows.withUnsafeBufferPointer { rows in
      guard let start = rows.baseAddress else { return }
      for (i, number) in numbers.enumerated() {
        (target + i * width).update(from: start + index(number) * width, count: width)
      }
    }
  }

  private func index(_ number: Int32) -> Int {
    require(number >= 0 && number < count, "sample \(number) of \(count)")
    return Int(number)
  }

  /// The SHA-256, in hexadecimal, of the shapes and of all floats and labels; those of an
  /// ``ImageSet`` with the same values have another one.
  public var sha256: String? {
    digest.value(computing: computeDigest).hexadecimal
  }

  private func computeDigest() -> [UInt8] {
    var digest = SHA256()
    Array("MiniCNN array samples".utf8).withUnsafeBytes { digest.update($0) }
    Self.add([count] + sampleShape.array, to: &digest)
    values.withUnsafeBytes { digest.update($0) }
    switch targets {
    case .none: Self.add([0], to: &digest)
    case .classes:
      Self.add([1], to: &digest)
      labels.withUnsafeBytes { digest.update($0) }
    case .values(let shape):
      Self.add([2] + shape.array, to: &digest)
      targetValues.withUnsafeBytes { digest.update($0) }
    }
    return digest.finalize()
  }

  private static func add(_ numbers: [Int], to digest: inout SHA256) {
    for number in numbers {
      withUnsafeBytes(of: UInt64(number).bigEndian) { digest.update($0) }
    }
  }
}
