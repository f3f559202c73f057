import CKernels

/// A fully connected layer: y = x·kernel + bias.
public struct Dense: LayerSpec {
  /// `dense`.
  public static let kind = "dense"
  /// The name the model gives this layer.
  public var name: String?
  /// Outputs.
  public var units: Int
  /// Whether a bias is added.
  public var bias: Bool
  /// How the kernel starts; Keras's default is Glorot uniform.
  public var initializer: Initializer

  /// States a dense layer with so many outputs.
  public init(units: Int, bias: Bool = true, initializer: Initializer = .glorotUniform) {
    self.units = units
    self.bias = bias
    self.initializer = initializer
  }

  /// Makes the layer for vectors of shape `input`.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    guard input.rank == 1 else {
      throw ModelError(
        "takes vectors, not \(input)", hint: "put flatten or global_avg_pool2d before it")
    }
    guard units >= 1, Shape.checkedCount([input[0], units], limit: Network.largestVariable) != nil
    else {
      throw ModelError(
        "units: expected 1 to \(Network.largestVariable / max(input[0], 1)), found \(units)")
    }
    return DenseLayer(inputShape: input, units: units, bias: bias, initializer: initializer)
  }
}

/// A dense layer whose shapes are known.
struct DenseLayer: Layer {
  static let kind = Dense.kind
  let inputShape: Shape
  let units: Int
  let bias: Bool
  let initializer: Initializer

  var inputs: Int { inputShape[0] }
  var outputShape: Shape { [units] }

  var variables: [Variable] {
    let kernel = Variable(
      "kernel", shape: [inputs, units], role: .weight, initializer: initializer)
    let bias = Variable("bias", shape: [units], role: .bias, initializer: .zeros)
    return self.bias ? [kernel, bias] : [kernel]
  }

  var multiplyAdds: Int { inputs * units }
  var preparedCount: Int { mc_dense_prepared_count(inputs, units) }

  func prepare(_ weights: Weights, into prepared: UnsafeMutablePointer<Float>) {
    mc_dense_prepare(inputs, units, weights[0], prepared)
  }

  // y = x·kernel + bias
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: inout Cache, mode: Mode
  ) {
    mc_dense_forward(
      x.samples, inputs, units, x.pointer, weights.prepared, bias ? weights[1] : nil,
      y.mutablePointer())
  }

  // dkernel += xᵀ·dy, dbias += Σ dy (both summed over the batch);  dx = dy·kernelᵀ
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients,
    weights: Weights, cache: inout Cache, mode: Mode
  ) {
    mc_dense_backward_kernel(
      x.samples, inputs, units, x.pointer, dy.pointer, gradients[0], bias ? gradients[1] : nil)
    if let dx = dx?.mutablePointer() {
      mc_dense_backward_input(x.samples, inputs, units, dy.pointer, weights.prepared, dx)
    }
  }
}
