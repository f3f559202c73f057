import CKernels

/// A batch normalization that the weights of the layer before it have taken over, for inference:
///
///     factor = γ · (1 / √(variance + ε))
///     kernel′ = kernel · factor,  bias′ = (bias − mean) · factor + β
///
/// Each operation is rounded to a float. What is computed from these weights differs from the plain layers
/// in its rounding alone.
struct FoldedNormalization {
  private let normalization: BatchNormLayer
  /// The number, among the variables of both layers, of the normalization's first one.
  private let first: Int
  private let hasBias: Bool
  /// The elements of the kernel, whose last axis has the outputs.
  private let kernelCount: Int
  /// Where its part of the prepared weights begins.
  private var start: Int

  /// Folds a normalization into a layer, whose variables are a kernel and maybe a bias.
  init(_ normalization: BatchNormLayer, into layer: any Layer, hasBias: Bool, kernelCount: Int) {
    self.normalization = normalization
    self.hasBias = hasBias
    self.kernelCount = kernelCount
    first = layer.variables.count
    start = layer.preparedCount.roundedUpToLine
  }

  var variables: [Variable] { normalization.variables }

  /// Makes room for as many floats of the layer's own, which may need more once it does a further layer's work.
  mutating func move(behind preparedCount: Int) { start = preparedCount.roundedUpToLine }

  private var outputs: Int { normalization.channels }
  private var biases: Int { start }
  private var kernels: Int { biases + outputs.roundedUpToLine }

  /// The floats of the layer's prepared weights and those that are kept here.
  var preparedCount: Int { kernels + kernelCount }

  /// The bias of both, in prepared weights.
  func bias(_ weights: Weights) -> UnsafePointer<Float> { weights.prepared + biases }

  /// The kernel of both, in prepared weights, laid out as the layer's own.
  func kernel(_ weights: Weights) -> UnsafePointer<Float> { weights.prepared + kernels }

  /// Fills a range of the kernel in whole rows of outputs, and with the first one the bias.
  ///
  /// - Returns: the whole kernel.
  func fold(
    _ range: Range<Int>, of weights: Weights, into prepared: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    // Not in `prepared`: several pieces may be filled at once.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: outputs) { factor in
      guard let factor = factor.baseAddress else { return }
      for c in 0..<outputs { factor[c] = normalization.factor(c, weights, first: first) }
      mc_multiply(
        1, range.count / outputs, outputs, weights[0] + range.lowerBound, factor,
        prepared + kernels + range.lowerBound)
      guard range.lowerBound == 0 else { return }
      for c in 0..<outputs {
        let bias = hasBias ? weights[1][c] : 0
        prepared[biases + c] =
          (bias - normalization.mean(c, weights, first: first)) * factor[c]
          + normalization.shift(c, weights, first: first)
      }
    }
    return UnsafePointer(prepared + kernels)
  }
}
