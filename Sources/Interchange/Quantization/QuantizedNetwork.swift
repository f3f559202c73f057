import ImageData
import NeuralNetwork
import Platform

/// A network that computes with 8-bit integers, as its C code does, bit by bit.
///
/// Weights are symmetric, with a scale for each output; activations have a scale and a zero each (Jacob et al. 2018,
/// "Quantization and training of neural networks for efficient integer-arithmetic-only inference"). Sums have 32 bits,
/// which no image can exceed. A last layer that sums with weights keeps 24 bits, so that classes are rarely equal.
public struct QuantizedNetwork: Sendable {
  /// The network it was made of, in floats.
  public let model: TrainedModel
  /// The number of images that told how large the numbers between layers become.
  public let calibrationImages: Int
  /// The steps, in the order in which they are done.
  package let steps: [QuantizedStep]
  /// The activations that steps read and write, the image first.
  package let activations: [QuantizedActivation]
  /// What each step stands for in the network.
  let origins: [Origin]

  /// What a step stands for in the network it was made of.
  struct Origin: Sendable {
    /// The numbers of the activations that it reads there.
    let inputs: [Int]
    /// The number of the node that writes its output there.
    let lastNode: Int
  }

  /// What outputs are multiplied by to be the network's.
  public var outputScale: Float { Float(activations[outputActivation].grid.scale) }
  /// The number of the activation that holds the outputs.
  package var outputActivation: Int { steps[steps.count - 1].output }

  /// Rounds a network to integers, whose ranges follow from what it makes of some images.
  ///
  /// - Parameters:
  ///   - images: training images, with as many numbers as the network takes; never those that it is judged by.
  ///   - numbers: which of them, at least one; see ``calibrationNumbers(of:seed:)``.
  /// - Throws: a `ModelError` that names the first layer that has no integer form, or whose sums might not fit 32 bits.
  public init(
    _ model: TrainedModel, calibration images: ImageSet, numbers: [Int32], threads: Int? = nil
  ) throws(ModelError) {
    require(!numbers.isEmpty, "no images to calibrate with; expected at least 1")
    require(
      images.pixelsPerImage == model.network.inputShape.count,
      "images of \(images.sampleShape) for a network that takes \(model.network.inputShape)")
    let folded = try FoldedNetwork(model.network)
    let calibration = try Calibration(model.network, images, numbers, threads: threads)
    var builder = QuantizedBuilder(folded, calibration.ranges)
    for step in folded.steps {
      do {
        try builder.append(step)
      } catch {
        throw error.at("layer \(step.name)")
      }
    }
    self.model = model
    calibrationImages = numbers.count
    (steps, activations) = (builder.steps, builder.activations)
    origins = folded.steps.map { Origin(inputs: $0.inputs, lastNode: $0.lastNode) }
  }

  /// Which training images to calibrate with: the first 512 in an order that follows from a seed, ascending.
  public static func calibrationNumbers(of training: [Int32], seed: UInt64) -> [Int32] {
    let order = CounterRandom.permutation(
      training.count, using: CounterRandom(seed: seed, .calibration))
    return order.prefix(Calibration.images).map { training[Int($0)] }.sorted()
  }

  /// The bytes of the tables that the steps hold: weights, biases, factors and functions.
  public var constantBytes: Int { steps.reduce(0) { $0 + $1.operation.constantBytes } }
}

extension QuantizedOperation {
  /// The bytes of its tables; a factor takes four for its multiplier and one for its shift.
  var constantBytes: Int {
    switch self {
    case .weightedSum(let sum): sum.weights.count + 9 * sum.bias.count
    case .table(let table): table.count
    case .slopes(_, let factors), .averagePooling(_, let factors): 5 * factors.count
    case .softmax(let table): 4 * table.count
    case .maxPooling, .padding, .upSampling, .sum, .product, .concatenation: 0
    }
  }
}
