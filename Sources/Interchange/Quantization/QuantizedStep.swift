import NeuralNetwork

/// A step of a quantized network: what integers it makes of which.
package struct QuantizedStep: Sendable {
  /// The name of the layer that it is for the most part.
  package let name: String
  /// What it computes.
  package let operation: QuantizedOperation
  /// The numbers of the activations it reads (``QuantizedNetwork/activations``).
  package let inputs: [Int]
  /// The number of the one it writes.
  package let output: Int
}

/// What a step computes. Where it reads x and writes y, `zero` is the integer that stands for 0 in each.
package enum QuantizedOperation: Sendable {
  case weightedSum(QuantizedSum)
  /// y = entry x + 128.
  case table([Int8])
  /// y = zero + (x − zero) · factor, one factor for what is above zero, and one for each slope elsewhere.
  case slopes(above: FixedPointFactor, below: [FixedPointFactor])
  /// The largest of each window; padding never wins, unless there is nothing else.
  case maxPooling(SlidingWindow)
  /// y = zero + Σ (x − zero) · factor, over the positions inside the image; the factor of n positions is number n − 1,
  /// or the only one; y = zero where there is none.
  case averagePooling(SlidingWindow, [FixedPointFactor])
  /// Zeros round the image.
  case padding(Margins)
  /// Each pixel as often as the factors say.
  case upSampling(Extent2D)
  /// The sum of two, rounded once, cut to a range.
  case sum(FixedPointFactor, FixedPointFactor, range: ClosedRange<Int32>)
  /// The product of two, or of an image and a factor for each of its channels.
  case product(FixedPointFactor)
  /// The numbers of the last axis of each input, one input's after the other's.
  case concatenation([FixedPointFactor])
  /// e^(x − largest x) of each number of the last axis, from a table of 256, and its share of their sum, of 2¹⁵.
  case softmax([Int32])
}

/// Sums of integers with integer weights, and how they become integers of the output.
package struct QuantizedSum: Sendable {
  /// How the kernel slides; a dense layer has a single position.
  package let window: SlidingWindow
  /// `[outputs, kernel height, kernel width, channels per group]`, from −127 to 127.
  package let weights: [Int8]
  /// The same as processors multiply several of them at once.
  let wideWeights: [Int16]
  /// `[outputs]`, in units of a product.
  package let bias: [Int32]
  /// By what a sum is multiplied, `[outputs]`.
  package let factors: [FixedPointFactor]
  /// Between what the output is cut: its integers, or fewer where there is a rectifier.
  package let range: ClosedRange<Int32>
  /// How large the sum of an output can become, whatever the image, `[outputs]`.
  package let largestSums: [Int64]
}

/// The integers of an activation.
package struct QuantizedActivation: Sendable {
  /// Their shape.
  package let shape: Shape
  /// What they stand for.
  package let grid: QuantizationGrid
  /// Whether they are 32-bit integers, as the output's may be, and not 8-bit ones.
  package let isWide: Bool
}
