import Checkpoints
import Files
import ImageData
import NeuralNetwork
import TestSupport

@testable import Interchange

/// Networks with weights that are none of those they start with, and images for them.
enum QuantizationSupport {
  /// Golden cases of every kind of layer, at most three of each, as models of their own names. What they get is below 0
  /// too.
  static func cases() throws -> [(kind: String, spec: ModelSpec)] {
    try LayerRegistry.builtIn.flatMap { type in
      try LayerCases.of(type.kind).prefix(3).enumerated().map { number, one in
        let front = Rescaling(scale: 4, offset: -2)
        return (
          type.kind,
          ModelSpec(
            "\(type.kind)-\(number)", input: one.spec.input, layers: [front] + one.spec.layers)
        )
      }
    }
  }

  /// A model whose variables are all random: a bias that is 0 would hide where it is left out.
  static func model(_ spec: ModelSpec) throws -> TrainedModel {
    var network = try Network(spec, seed: 1)
    var random = SplitMix64(state: 1)
    for entry in network.layout.entries {
      let isPositive = entry.variable.name.hasSuffix("variance")
      let values = network.values(of: entry).map {
        isPositive
          ? Float.random(in: 0.3...2, using: &random)
          : $0 + Float.random(in: -0.3...0.3, using: &random)
      }
      network.setValues(values, of: entry)
    }
    return TrainedModel(network: network)
  }

  /// Images with random pixels, or samples of another shape as images of that many.
  static func images(_ shape: Shape, count: Int) throws -> ImageSet {
    var random = SplitMix64(state: 2)
    let pixels = (0..<count * shape.count).map { _ in UInt8.random(in: 0...255, using: &random) }
    let isImage = shape.rank == 3
    return try ImageSet(
      pixels: pixels, height: isImage ? shape[0] : 1, width: isImage ? shape[1] : shape.count,
      channels: isImage ? shape[2] : 1)
  }

  /// A network with integers, and what it was calibrated with.
  static func quantized(
    _ spec: ModelSpec, images count: Int = 24
  ) throws -> (network: QuantizedNetwork, images: ImageSet) {
    let images = try images(spec.input, count: count)
    let numbers = (0..<Int32(count)).map { $0 }
    return (
      try QuantizedNetwork(model(spec), calibration: images, numbers: numbers), images
    )
  }

  /// Weights that the repository has, and its digits.
  static func digits(_ name: String) throws -> (
    model: TrainedModel, training: ImageSet, test: ImageSet
  ) {
    let folder = Repository.path("Datasets/mnist")
    return (
      TrainedModel(try Checkpoint(contentsOf: Repository.path("Models/\(name).weights.h5"))),
      try ImageSet(
        images: folder + "/train-images-idx3-ubyte.gz",
        labels: folder + "/train-labels-idx1-ubyte.gz"),
      try ImageSet(
        images: folder + "/t10k-images-idx3-ubyte.gz",
        labels: folder + "/t10k-labels-idx1-ubyte.gz")
    )
  }
}
