import NeuralNetwork

/// In which order the numbers of each vector are that was an image.
///
/// PyTorch flattens an image channel by channel, ours are flattened position by position. A vector may have
/// PyTorch's order where a dense layer reads it, whose kernel then has its rows in that order, and only layers lie
/// between that treat each number by itself; where anything else reads it, it keeps ours.
struct VectorOrder {
  /// For each activation the shape `[height, width, channels]` of the image that it is in channels-first order
  /// of; `nil` where it is as ours.
  let images: [Shape?]

  init(_ network: Network) {
    let shapes = network.activationShapes
    let readers = shapes.indices.map { activation in
      network.nodes.filter { $0.inputs.contains(activation) }
    }
    var isFree = shapes.map { _ in false }
    for activation in shapes.indices.reversed() where shapes[activation].rank == 1 {
      isFree[activation] =
        !readers[activation].isEmpty
        && readers[activation].allSatisfy { node in
          node.spec is Dense || (Self.keepsOrder(node) && isFree[node.output])
        }
    }
    var images: [Shape?] = shapes.map { _ in nil }
    for node in network.nodes where isFree[node.output] {
      let input = shapes[node.input]
      if input.rank == 3, node.spec is Flatten || node.spec is Reshape {
        images[node.output] = input[2] > 1 && input[0] * input[1] > 1 ? input : nil
      } else if Self.keepsOrder(node) {
        images[node.output] = images[node.input]
      }
    }
    self.images = images
  }

  /// Whether a layer gives a vector in the order in which it gets it, treating each number by itself or all
  /// alike.
  private static func keepsOrder(_ node: Node) -> Bool {
    switch node.spec {
    case is ReLU, is ReLU6, is LeakyReLU, is PReLU, is ELU, is GELU, is SiLU, is Sigmoid, is Tanh,
      is Softmax, is BatchNorm, is LayerNorm, is Dropout, is GaussianNoise, is Rescaling,
      is Normalization, is Flatten:
      true
    case let spec as Reshape: spec.shape.count == 1
    default: false
    }
  }
}
