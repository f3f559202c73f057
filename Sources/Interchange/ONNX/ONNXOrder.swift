import NeuralNetwork

extension Shape {
  /// The extents of a sample in ONNX: `[C, …]` for what is `[…, C]` here.
  var channelsFirst: [Int] { array.suffix(1) + array.dropLast() }

  /// The extents of an array that has a number for each channel, in ONNX.
  var channels: [Int] { array.suffix(1) + array.dropLast().map { _ in 1 } }

  /// Whether the numbers of a sample come in another order there.
  var changesOrder: Bool {
    let channels = array.last ?? 1
    return channels > 1 && count > channels
  }
}

extension [Float] {
  /// Numbers of a sample of some shape, channel by channel; `block` of them at a time, as the rows of a dense
  /// layer's kernel.
  func channelsFirst(of shape: Shape, block: Int = 1) -> [Float] {
    guard shape.changesOrder, let channels = shape.array.last else { return self }
    let positions = shape.count / channels
    var result: [Float] = []
    result.reserveCapacity(count)
    for channel in 0..<channels {
      for position in 0..<positions {
        let start = (position * channels + channel) * block
        result += self[start..<start + block]
      }
    }
    return result
  }

  /// The kernel of a convolution, `[height, width, inputs, outputs]`, as `[outputs, inputs, height, width]`.
  func kernel(taps: Int, inputs: Int, outputs: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(count)
    for output in 0..<outputs {
      for input in 0..<inputs {
        for tap in 0..<taps { result.append(self[(tap * inputs + input) * outputs + output]) }
      }
    }
    return result
  }
}

extension LayerSpec {
  /// Whether it computes the same for a vector in any order, its own numbers being in that order too.
  var keepsOrder: Bool {
    switch self {
    case is any ActivationSpec, is PReLU, is Softmax, is Dropout, is SpatialDropout2D,
      is GaussianNoise, is BatchNorm, is LayerNorm, is Normalization:
      true
    default: false
    }
  }
}

extension Network {
  /// For each activation, whether everything that follows from it goes into dense layers, their kernels'
  /// rows being free to come in any order: a vector may then stay in the order that an image has in ONNX.
  var flatteningsInAnyOrder: [Bool] {
    var result = activationShapes.map { _ in true }
    guard let output = nodes.last?.output else { return result }
    result[output] = false
    for node in nodes.reversed() {
      let isFree =
        node.spec is Dense || (result[node.output] && node.spec?.keepsOrder ?? false)
      for input in node.inputs where !isFree { result[input] = false }
    }
    return result
  }
}
