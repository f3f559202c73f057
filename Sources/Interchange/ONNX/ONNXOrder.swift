import NeuralNetwork

extension Shape {
  /// The extents of a sample in ONNX: `[C, …]` for what is `[…, C]` here.
  var channelsFirst: [Int] { array.suffix(1) + array.dropLast() }

  /// The shape here of a sample with these extents in ONNX, at most three of them.
  init(channelsFirst extents: [Int]) { self.init(Array(extents.dropFirst()) + extents.prefix(1)) }

  /// The extents of an array that has a number for each channel, in ONNX.
  var channels: [Int] { array.suffix(1) + array.dropLast().map { _ in 1 } }

  /// Whether the numbers of a sample come in another order there.
  var changesOrder: Bool {
    let channels = array.last ?? 1
    return channels > 1 && count > channels
  }
}

extension [Int] {
  /// The product of extents; `nil` where it is too large.
  var checkedProduct: Int? {
    reduce(Int?(1)) { product, extent in
      guard let (value, overflow) = product?.multipliedReportingOverflow(by: extent), !overflow
      else { return nil }
      return value
    }
  }
}

extension Array {
  /// Numbers of a sample of some shape, channel by channel; `block` of them at a time, as the rows of a dense
  /// layer's kernel.
  func channelsFirst(of shape: Shape, block: Int = 1) -> [Element] {
    guard shape.changesOrder, let channels = shape.array.last else { return self }
    let positions = shape.count / channels
    var result: [Element] = []
    result.reserveCapacity(count)
    for channel in 0..<channels {
      for position in 0..<positions {
        let start = (position * channels + channel) * block
        result += self[start..<start + block]
      }
    }
    return result
  }

  /// The numbers of a sample whose channels come one after the other, in the order that they have here: the
  /// inverse of ``channelsFirst(of:block:)``.
  func channelsLast(of shape: Shape, block: Int = 1) -> [Element] {
    guard shape.changesOrder, let channels = shape.array.last else { return self }
    let positions = shape.count / channels
    var result: [Element] = []
    result.reserveCapacity(count)
    for position in 0..<positions {
      for channel in 0..<channels {
        let start = (channel * positions + position) * block
        result += self[start..<start + block]
      }
    }
    return result
  }
}

extension [Float] {
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

  /// A kernel `[outputs, inputs, height, width]` as `[height, width, inputs, outputs]`.
  func kernelHere(taps: Int, inputs: Int, outputs: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(count)
    for tap in 0..<taps {
      for input in 0..<inputs {
        for output in 0..<outputs { result.append(self[(output * inputs + input) * taps + tap]) }
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
