import MiniCNN

/// One layer's speed, as `benchmark --json` prints it.
struct LayerSpeed: Encodable {
  let name: String
  let kind: String
  let outputShape: [Int]
  let forwardMicroseconds: Double
  let backwardMicroseconds: Double
  let gflops: Double
  /// The share of what the multiply-add units could do in that time.
  let forwardShare: Double
  let backwardShare: Double
}

/// Measures a network on images, and shows the time left; every figure is a median.
struct SpeedMeasurement {
  let network: Network
  let data: ImageSet
  /// The time for each of training, inference and one image.
  let seconds: Double
  private var progress = ProgressLine("benchmark")
  private var measured = 0.0

  init(network: Network, data: ImageSet, seconds: Double) {
    (self.network, self.data, self.seconds) = (network, data, seconds)
  }

  /// Clears the progress line.
  mutating func finish() { progress.clear() }

  /// Shows the progress, this many seconds into a measurement.
  private mutating func show(_ seconds: Double) {
    progress.update((measured + min(seconds / self.seconds, 1)) / 3)
  }

  /// Images a second in training, over whole steps.
  mutating func training(_ settings: TrainingSettings, threads: Int?) throws -> Double {
    let speed = try TrainingSpeed.measured(
      network, settings: settings, data: data, threads: threads, seconds: seconds
    ) { show($0) }
    measured += 1
    return speed.imagesPerSecond
  }

  /// Images a second in batches of one size.
  mutating func inference(batch: Int, threads: Int?) throws -> Double {
    let predictor = Predictor(network, pool: ThreadPool(threads: threads))
    let data = data
    let numbers = (0..<batch).map { Int32($0 % data.count) }
    let time = try median { _ = try predictor.outputs(data, numbers) }
    return Double(batch) / max(time, 1e-12)
  }

  /// Microseconds from one image to its output.
  mutating func latency(threads: Int?) throws -> Double {
    let predictor = Predictor(network, pool: ThreadPool(threads: threads), chunk: 1)
    let data = data
    return try median { _ = try predictor.outputs(data, [0]) } * 1e6
  }

  /// Each layer by itself, on one thread with this peak in operations per second.
  func layers(batch: Int, peak: Double) -> [LayerSpeed] {
    let chunk = min(16, data.count)
    var timer = LayerTimer(
      network, data, (0..<chunk).map { Int32($0) }, batch: max(batch, chunk))
    _ = timer.measure(rounds: 3)
    return timer.measure(rounds: 50).map { timing in
      let node = timing.node
      let forward = 2 * Double(node.layer?.multiplyAdds ?? 0) / max(timing.forward, 1e-12)
      // The gradients of the variables and of the input take as many operations each; the network's
      // input has none.
      let backward =
        2 * Double(node.layer?.multiplyAdds ?? 0) * (node.input == 0 ? 1 : 2)
        / max(timing.backward, 1e-12)
      return LayerSpeed(
        name: node.name, kind: node.kind, outputShape: node.outputShape.array,
        forwardMicroseconds: timing.forward * 1e6, backwardMicroseconds: timing.backward * 1e6,
        gflops: forward / 1e9, forwardShare: forward / peak, backwardShare: backward / peak)
    }
  }

  private mutating func median(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    try body()
    let start = clock.now
    var times: [Double] = []
    while times.count < 3 || (clock.now - start < .seconds(seconds) && times.count < 100_000) {
      times.append(try clock.measure(body) / .seconds(1))
      show((clock.now - start) / .seconds(1))
    }
    measured += 1
    return times.median
  }
}
