import ImageData
import NeuralNetwork

/// An activation of the experiment, and its slope by what it gives.
enum Slope: CaseIterable {
  case relu, leaky, sigmoid, tanh

  var name: String {
    switch self {
    case .relu: "ReLU"
    case .leaky: "leaky ReLU"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    }
  }

  /// The layer, under a name.
  func layer(_ name: String) -> any LayerSpec {
    switch self {
    case .relu: ReLU().named(name)
    case .leaky: LeakyReLU(slope: Self.leak).named(name)
    case .sigmoid: Sigmoid().named(name)
    case .tanh: Tanh().named(name)
    }
  }

  private static let leak: Float = 0.1

  /// The slope where the activation gives `y`.
  func slope(at y: Float) -> Float {
    switch self {
    case .relu: y > 0 ? 1 : 0
    case .leaky: y > 0 ? 1 : Self.leak
    case .sigmoid: y * (1 - y)
    case .tanh: 1 - y * y
    }
  }
}

/// The gradients and the slopes of layers over many images.
struct LayerSurvey {
  /// The root mean square, over the images, of the norm of the loss's gradient by each layer's output.
  private(set) var gradients: [Double]
  /// The outputs of each layer.
  private(set) var units: [Int]
  /// Those whose slope is below 0.01 for every image.
  private(set) var stuck: [Int]
  /// The share of each layer's outputs whose slope is.
  private(set) var flat: [Double]

  private static let flatSlope: Float = 0.01
  private static let batch = 100

  /// Passes images with classes through a network, and their gradients back.
  init(_ network: Network, _ activation: Slope, layers: [String], images: ImageSet) {
    gradients = layers.map { _ in 0 }
    flat = gradients
    var steepest = layers.map { _ in [Float]() }
    var outputs = layers.map { _ in 0 }
    var probe = Probe(network, batch: Self.batch)
    for first in stride(from: 0, to: images.count, by: Self.batch) {
      let numbers = (first..<min(first + Self.batch, images.count)).map { Int32($0) }
      let y = probe.forward(images.samples(numbers))
      _ = probe.backward(images.lossGradient(y, numbers))
      for (number, layer) in layers.enumerated() {
        guard let output = probe.output(of: layer),
          let gradient = probe.outputGradient(of: layer)
        else { continue }
        gradients[number] += gradient.values.reduce(0) { $0 + Double($1) * Double($1) }
        let size = output.shape.count
        if steepest[number].isEmpty { steepest[number] = [Float](repeating: 0, count: size) }
        for (place, value) in output.values.enumerated() {
          let slope = activation.slope(at: value)
          steepest[number][place % size] = max(steepest[number][place % size], slope)
          if slope < Self.flatSlope { flat[number] += 1 }
        }
        outputs[number] += output.count
      }
    }
    gradients = gradients.map { ($0 / Double(images.count)).squareRoot() }
    flat = zip(flat, outputs).map { $1 == 0 ? 0 : $0 / Double($1) }
    units = steepest.map(\.count)
    stuck = steepest.map { $0.count { $0 < Self.flatSlope } }
  }
}

extension ImageSet {
  /// A batch of the images with these numbers.
  fileprivate func samples(_ numbers: [Int32]) -> Tensor {
    var x = Tensor(samples: numbers.count, shape: sampleShape)
    numbers.withUnsafeBufferPointer { copySamples($0, to: x.mutablePointer()) }
    return x
  }

  /// The gradient of each image's cross-entropy by the outputs for it.
  fileprivate func lossGradient(_ y: Tensor, _ numbers: [Int32]) -> Tensor {
    var gradient = Tensor(samples: y.samples, shape: y.shape)
    var targets = gradient
    numbers.withUnsafeBufferPointer {
      copyTargets($0, outputs: y.shape.count, to: targets.mutablePointer())
    }
    let batch = OutputBatch(
      samples: y.samples, width: y.shape.count, outputs: y.pointer, targets: targets.pointer)
    _ = CrossEntropy().evaluate(batch, scale: 1, gradient: gradient.mutablePointer())
    return gradient
  }
}
