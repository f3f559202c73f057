import CKernels
import Platform

/// What training minimizes: a function of outputs and targets, and its derivative.
///
/// A loss sees nothing else. That a target comes from a label, was smoothed, or is a mixture of two
/// is for the source of the samples (``SampleSource``) to arrange. A loss of your own can be written
/// in a model file once it is registered (``LossRegistry``).
public protocol Loss: Configurable, Equatable {
  /// What outputs stand for once the function that the loss includes has been applied to them:
  /// `probabilities` where it takes logits and includes the softmax, `independentProbabilities`
  /// where it includes a sigmoid, `values` where it takes them as they are.
  var predicts: OutputKind { get }

  /// The loss of some samples, and its gradient where that is asked for.
  ///
  /// - Parameters:
  ///   - scale: what the gradient is multiplied by: 1 / N for that of a batch's mean.
  ///   - gradient: scale · ∂(sum)/∂outputs, `[N, outputs]`, overwritten.
  /// - Returns: the sum of the samples' losses.
  func evaluate(
    _ batch: OutputBatch, scale: Float, gradient: UnsafeMutablePointer<Float>?
  ) -> Double

  /// Throws where a network's output does not suit this loss.
  func check(_ network: Network) throws(ModelError)
}

/// The outputs of a network for some samples, and what they should be.
public struct OutputBatch {
  /// The number of samples, N.
  public let samples: Int
  /// The number of outputs, and of targets, of a sample.
  public let width: Int
  /// The outputs, `[N, width]`, read.
  public let outputs: UnsafePointer<Float>
  /// The targets, `[N, width]`, read.
  public let targets: UnsafePointer<Float>

  /// Gathers them; see the properties.
  public init(
    samples: Int, width: Int, outputs: UnsafePointer<Float>, targets: UnsafePointer<Float>
  ) {
    (self.samples, self.width) = (samples, width)
    (self.outputs, self.targets) = (outputs, targets)
  }

  /// One sample of it, from 0 to ``samples`` - 1, which is not checked.
  public func sample(_ number: Int) -> OutputBatch {
    OutputBatch(
      samples: 1, width: width, outputs: outputs + number * width,
      targets: targets + number * width)
  }

  /// The outputs of one sample, `[width]`. Valid as long as the batch.
  public func outputs(of sample: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: outputs + sample * width, count: width)
  }

  /// The targets of one sample, `[width]`. Valid as long as the batch.
  public func targets(of sample: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: targets + sample * width, count: width)
  }

  /// The number of a sample's largest output, the first of equal ones: the class it is taken for.
  public func largestOutput(of sample: Int) -> Int { outputs(of: sample).firstLargest }

  /// The number of a sample's largest target, likewise: its class, where it has one.
  public func largestTarget(of sample: Int) -> Int { targets(of: sample).firstLargest }

  /// The samples whose first largest output is where their first largest target is.
  var correct: Int { mc_count_correct(samples, width, outputs, targets) }
}

extension UnsafeBufferPointer<Float> {
  /// The index of the largest element, the first one where several are equal.
  fileprivate var firstLargest: Int {
    var best = 0
    for i in indices where self[i] > self[best] { best = i }
    return best
  }
}

/// The loss of some samples, and how many of them are classified correctly.
public struct LossValue: Hashable, Sendable, BitwiseCopyable {
  /// The sum of the samples' losses.
  public var sum: Double = 0
  /// The number of samples whose largest output is their class's; 0 where they have none.
  public var correct = 0
  /// The number of samples.
  public var samples = 0

  /// The value of no samples.
  public init() {}

  /// The mean loss.
  public var mean: Double { samples == 0 ? 0 : sum / Double(samples) }
  /// The share of correct samples.
  public var accuracy: Double { samples == 0 ? 0 : Double(correct) / Double(samples) }

  /// Adds another part's counts.
  public static func += (a: inout LossValue, b: LossValue) {
    a.sum += b.sum
    a.correct += b.correct
    a.samples += b.samples
  }
}

extension Loss {
  /// No settings by default.
  public static var settings: [Setting<Self>] { [] }
  /// Takes outputs as they are by default.
  public var predicts: OutputKind { .values }

  /// Refuses, by default, a last layer that gives probabilities where the loss takes logits.
  public func check(_ network: Network) throws(ModelError) { try checkHead(network) }

  func checkHead(_ network: Network) throws(ModelError) {
    guard predicts != .values, let last = network.head, network.outputKind != .values else {
      return
    }
    let name = predicts == .probabilities ? "softmax" : "sigmoid"
    throw ModelError(
      "loss \(kind) takes logits and includes the \(name), but the last layer is already a"
        + " \(last.kind)"
        + (last.kind == name ? ", which would be applied twice" : ""),
      hint: "remove the last layer, or use loss mse")
  }

  /// The kind, with its settings where it has some: `cross_entropy`, `huber:delta=1.0`.
  public var text: String { wholeText }

  /// Whether another loss is the same with the same settings.
  public func isEqual(to other: any Loss) -> Bool { (other as? Self) == self }
}

/// The losses that a model file and a flag can name.
public enum LossRegistry {
  private static let registry = KindRegistry<any Loss.Type>(
    of: "loss",
    [
      CrossEntropy.self, MeanSquaredError.self, BinaryCrossEntropy.self, MeanAbsoluteError.self,
      Huber.self,
    ], name: { $0.kind }, isSame: { $0 == $1 })

  /// Adds a loss of your own, whose name no other has, to those that can be named; adding it again does
  /// nothing.
  public static func register(_ loss: any Loss.Type) { registry.register(loss) }

  /// The names of all.
  public static var kinds: [String] { registry.names }

  /// The texts of our own, with the values they have where none are stated.
  package static var forms: [String] { registry.own.map { shortened($0.prototype.text) } }

  /// Reads a loss: its kind, or `kind:key=value,key=value`.
  ///
  /// - Throws: a ``SettingError`` for an unknown kind or key, or a value that makes no sense.
  public static func loss(_ text: String) throws(SettingError) -> any Loss {
    let (type, pairs) = try registry.find(text)
    return try type.make(pairs: pairs, of: "loss")
  }
}
