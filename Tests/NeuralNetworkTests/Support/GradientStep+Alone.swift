import NeuralNetwork

extension GradientStep {
  /// Runs a step of a process that trains by itself, where there is nobody to fail.
  func runAlone(
    _ network: Network, _ source: any SampleSource, _ numbers: UnsafeBufferPointer<Int32>,
    seed: UInt64, epoch: Int
  ) -> Result {
    do {
      return try run(network, source, numbers, seed: seed, epoch: epoch)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
