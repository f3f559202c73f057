import NeuralNetwork
import TestSupport
import Testing

/// Each thread that fetches samples brings memory of its own for the source to work in.
@Suite struct ScratchTests {
  /// The samples of another source, carried through the scratch one by one.
  struct CarriedSamples: SampleSource {
    let base: ListedSamples

    var count: Int { base.count }
    var sampleShape: Shape { base.sampleShape }
    var scratchCount: Int { 2 * sampleShape.count }

    // Other samples: whoever fetches these does not bring what this source asks for.
    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      samples.update(repeating: -1, count: numbers.count * sampleShape.count)
    }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) {
      let size = sampleShape.count
      for (i, number) in numbers.enumerated() {
        withUnsafePointer(to: number) {
          base.copySamples(UnsafeBufferPointer(start: $0, count: 1), to: scratch)
        }
        // To the end and back, so that another thread has time to get in between.
        for _ in 0..<20 {
          (scratch + size).update(from: scratch, count: size)
          scratch.update(repeating: .nan, count: size)
          scratch.update(from: scratch + size, count: size)
        }
        (samples + i * size).update(from: scratch, count: size)
      }
    }

    func copyLabels(
      _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
    ) {
      base.copyLabels(numbers, to: labels)
    }
  }

  // Batch normalization has all shards of a batch in memory at once, of which there are more than
  // threads.
  @Test(arguments: [false, true]) func aStepSeesTheSamplesOfASourceThatWorksInMemory(
    meets: Bool
  ) throws {
    let source = ListedSamples.random([6, 6, 1], count: 200, classes: 3)
    let network = try Network(
      ModelSpec("scratch", input: [6, 6, 1]) {
        Conv2D(filters: 3, kernel: 3)
        if meets { BatchNorm() } else { ReLU() }
        Flatten()
        Dense(units: 3)
      }, seed: 3)
    let numbers = (0..<200).map { Int32(199 - $0) }
    func gradient(_ step: GradientStep, _ source: some SampleSource) -> [Float] {
      _ = numbers.withUnsafeBufferPointer { step.runAlone(network, source, $0, seed: 1, epoch: 0) }
      return step.gradient.values
    }
    for threads in [1, 2, 4] {
      let step = GradientStep(
        network, loss: CrossEntropy(), batch: 200, pool: ThreadPool(threads: threads))
      // One object serves sources that take none and some.
      let expected = gradient(step, source)
      #expect(expected.contains { $0 != 0 })
      for _ in 0..<5 {
        #expect(gradient(step, CarriedSamples(base: source)) == expected, "\(threads) threads")
      }
    }
  }

  @Test func aPredictorSeesThemToo() throws {
    let source = ListedSamples.random([6, 6, 1], count: 200, classes: 3)
    let network = try Network(
      ModelSpec("scratch", input: [6, 6, 1]) {
        Flatten()
        Dense(units: 3)
      }, seed: 3)
    let numbers = (0..<200).map { Int32($0) }
    let expected = try Predictor(network, pool: ThreadPool(threads: 1)).outputs(source, numbers)
    for threads in [1, 2, 4] {
      let predictor = Predictor(network, pool: ThreadPool(threads: threads))
      #expect(try predictor.outputs(CarriedSamples(base: source), numbers) == expected)
      #expect(
        try predictor.outputs(CarriedSamples(base: source), [7]).values
          == Array(expected.values[21..<24]))
    }
  }
}
