import NeuralNetwork

/// What is wrong where numbers stop being finite.
extension Trainer {
  /// Throws where the weights or their average, though no step has failed yet, give no finite loss: a
  /// state that is not worth keeping. Looks at one batch of training samples.
  package func checkState() throws(DivergenceError) {
    let numbers = Array(split.training.prefix(settings.batchSize))
    let isSound =
      evaluate(numbers, of: state.network).sum.isFinite
      && (state.average == nil || evaluate(numbers, of: state.averagedNetwork).sum.isFinite)
    guard !isSound else { return }
    let fault = numbers.withUnsafeBufferPointer {
      findFault($0)
    }
    throw divergence(fault)
  }

  /// Where the numbers of the step that has failed first stop being finite.
  func findFault(_ numbers: UnsafeBufferPointer<Int32>) -> NumericFault? {
    var fault = gradientStep.findFault(
      state.network, seenSamples, numbers, seed: settings.seed, epoch: state.epoch)
    // What is not finite in a mixture may be another sample of the training set.
    if let seen = fault?.sample, fault?.isOfData == true, settings.mixup > 0 {
      let ofTarget = fault?.quantity == .target
      fault?.sample = ([Int32(seen)] + split.training).first { !isFinite($0, ofTarget: ofTarget) }
        .map { Int($0) }
    }
    return fault
  }

  private func isFinite(_ number: Int32, ofTarget: Bool) -> Bool {
    let outputs = state.network.outputShape.count
    let size = ofTarget ? outputs : source.sampleShape.count
    let values = [Float](unsafeUninitializedCapacity: size) { buffer, count in
      withUnsafePointer(to: number) {
        guard let values = buffer.baseAddress else { return }
        let numbers = UnsafeBufferPointer(start: $0, count: 1)
        if ofTarget {
          source.copyTargets(numbers, outputs: outputs, to: values)
        } else {
          source.copySamples(numbers, to: values)
        }
        count = size
      }
    }
    return values.allSatisfy(\.isFinite)
  }

  func divergence(_ fault: NumericFault?) -> DivergenceError {
    DivergenceError(
      epoch: state.epoch + 1, batch: state.batch + 1, step: state.optimizer.step + 1,
      learningRate: rate, fault: fault)
  }
}
