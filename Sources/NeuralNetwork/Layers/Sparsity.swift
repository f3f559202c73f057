/// Where a layer leaves many numbers that are exactly 0, which the layer beside it may skip.
public enum Sparsity: Sendable, Equatable {
  /// Nowhere that is known.
  case none
  /// In its output.
  case output
  /// In its output, and in the gradient of its input: a ReLU, or dropout.
  case outputAndGradient
  /// In its output where its input has many: a pooling takes the maximum of them.
  case passed
}

/// A layer that can leave out what a product with 0 would add.
package protocol ZeroSkippingLayer: Layer {
  /// The same layer, knowing what is around it.
  func skippingZeros(_ surroundings: Surroundings) -> any Layer
}

/// What a graph says of a layer's place in a pass.
package struct Surroundings: Sendable, Equatable {
  /// Many numbers of its input are 0.
  var hasSparseInput = false
  /// Many numbers of its output's gradient are 0.
  var hasSparseGradient = false
  /// The pass computes the gradient of its input.
  var needsInputGradient = true
}
