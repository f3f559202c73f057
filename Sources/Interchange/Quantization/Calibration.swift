import ImageData
import NeuralNetwork
import Platform

/// How large the numbers between the layers of a network become, over some images.
struct Calibration {
  /// The range of each activation, the input first.
  let ranges: [ClosedRange<Double>]

  /// The number of images that are enough for digits.
  static let images = 512
  /// Images that are computed at once.
  private static let batch = 16

  /// Runs the network over the images with these numbers.
  ///
  /// - Throws: a `ModelError` that names a layer whose numbers are not finite.
  init(
    _ network: Network, _ images: ImageSet, _ numbers: [Int32],
    threads: Int? = nil
  ) throws(ModelError) {
    let pool = ThreadPool(threads: threads)
    let extremes = Self.collect(network, images, numbers, pool, Extremes()) { $0.add($1) }
    for (number, extreme) in extremes.enumerated() {
      guard extreme.low.isFinite, extreme.high.isFinite else {
        let layer = number == 0 ? "input" : network.nodes[number - 1].name
        throw ModelError("gives numbers that are not finite").at("layer \(layer)")
      }
    }
    let histograms = Self.collect(
      network, images, numbers, pool, extremes.map { Histogram($0.low...$0.high) }
    ) { $0.add($1) }
    ranges = histograms.map(\.bestRange)
  }

  private static func collect<Summary: CalibrationSummary>(
    _ network: Network, _ images: ImageSet, _ numbers: [Int32], _ pool: ThreadPool,
    _ empty: Summary, _ add: (inout Summary, UnsafeBufferPointer<Float>) -> Void
  ) -> [Summary] {
    collect(
      network, images, numbers, pool,
      [Summary](repeating: empty, count: network.activationShapes.count), add)
  }

  private static func collect<Summary: CalibrationSummary>(
    _ network: Network, _ images: ImageSet, _ numbers: [Int32], _ pool: ThreadPool,
    _ empty: [Summary], _ add: (inout Summary, UnsafeBufferPointer<Float>) -> Void
  ) -> [Summary] {
    var workers = (0..<pool.threads).map { _ in
      (probes: NodeProbes(network, batch: batch), summaries: empty)
    }
    workers.withUnsafeMutableBufferPointer { workers in
      pool.run((numbers.count + batch - 1) / batch) { worker, task in
        let part = numbers[task * batch..<min((task + 1) * batch, numbers.count)]
        let x = images.pixelBatch(Array(part), shape: network.inputShape)
        for (number, y) in workers[worker].probes.activations(x).enumerated() {
          add(
            &workers[worker].summaries[number],
            UnsafeBufferPointer(start: y.pointer, count: y.count))
          withExtendedLifetime(y) {}
        }
      }
    }
    return empty.indices.map { number in
      workers.dropFirst().reduce(workers[0].summaries[number]) {
        $0.joined(with: $1.summaries[number])
      }
    }
  }
}

/// What is known of an activation; the order in which it was learnt plays no part.
private protocol CalibrationSummary: Sendable {
  func joined(with other: Self) -> Self
}

/// The smallest and the largest number, and 0.
private struct Extremes: CalibrationSummary {
  var low = 0.0, high = 0.0

  mutating func add(_ numbers: UnsafeBufferPointer<Float>) {
    var low: Float = 0, high: Float = 0
    for number in numbers {
      // Comparisons would pass over what is no number.
      guard number.isFinite else {
        (self.low, self.high) = (-.infinity, .infinity)
        return
      }
      low = min(low, number)
      high = max(high, number)
    }
    self = joined(with: Extremes(low: Double(low), high: Double(high)))
  }

  func joined(with other: Extremes) -> Extremes {
    Extremes(low: min(low, other.low), high: max(high, other.high))
  }
}

/// How often there are numbers of each size.
private struct Histogram: CalibrationSummary {
  private let range: ClosedRange<Double>
  private var counts = [Int](repeating: 0, count: 2048)

  init(_ range: ClosedRange<Double>) { self.range = range }

  private var width: Double { (range.upperBound - range.lowerBound) / Double(counts.count) }

  mutating func add(_ numbers: UnsafeBufferPointer<Float>) {
    guard width > 0 else { return }
    let (low, perWidth, last) = (range.lowerBound, 1 / width, counts.count - 1)
    // 0 is an integer of every grid.
    for number in numbers where number != 0 {
      counts[min(max(Int((Double(number) - low) * perWidth), 0), last)] += 1
    }
  }

  func joined(with other: Histogram) -> Histogram {
    var sum = self
    for (bin, count) in other.counts.enumerated() { sum.counts[bin] += count }
    return sum
  }

  /// The range whose 256 integers are nearest to the numbers in the mean of squares.
  var bestRange: ClosedRange<Double> {
    guard width > 0 else { return range }
    var best = range, least = squaredError(in: range)
    // First the end that is farther from 0, which the error depends on most.
    let ends = range.upperBound >= -range.lowerBound ? [true, false] : [false, true]
    for isUpper in ends {
      let start = best
      for share in stride(from: 0.99, through: 0.3, by: -0.01) {
        let candidate =
          isUpper
          ? start.lowerBound...start.upperBound * share
          : start.lowerBound * share...start.upperBound
        let error = squaredError(in: candidate)
        if error < least { (best, least) = (candidate, error) }
      }
    }
    return best
  }

  private func squaredError(in candidate: ClosedRange<Double>) -> Double {
    let step = (candidate.upperBound - candidate.lowerBound) / 255
    let rounding = step * step / 12
    var sum = 0.0
    for (bin, count) in counts.enumerated() where count > 0 {
      let number = range.lowerBound + (Double(bin) + 0.5) * width
      let excess = max(number - candidate.upperBound, candidate.lowerBound - number, 0)
      sum += Double(count) * (rounding + excess * excess)
    }
    return sum
  }
}

extension ImageSet {
  /// The images with these numbers as a network gets them from 8-bit pixels, `[numbers, shape]`.
  func pixelBatch(_ numbers: [Int32], shape: Shape) -> Tensor {
    let values = numbers.flatMap { number in
      pixelBytes(Int(number)).map { Float($0) / 255 }
    }
    return Tensor(samples: numbers.count, shape: shape, values: values)
  }

  /// The pixels of an image as bytes, `[height, width, channels]`.
  func pixelBytes(_ number: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: pixelsPerImage) { buffer, count in
      if let start = buffer.baseAddress { copyPixels(of: number, into: start) }
      count = pixelsPerImage
    }
  }
}
