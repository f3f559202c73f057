import CKernels

/// A computation on a batch, whose shapes are known.
///
/// A layer holds its geometry and nothing that changes: its variables live in the network, its
/// activations in a workspace. So two threads can share it, a gradient check needs no set-up, and
/// the signatures tell what is read, what is overwritten and what is added to.
public protocol Layer: Sendable {
  /// The shape of one input sample.
  var inputShape: Shape { get }
  /// The shape of one output sample.
  var outputShape: Shape { get }
  /// The variables, in the order in which Keras stores them: trained ones first.
  var variables: [Variable] { get }
  /// The number of multiply-adds that the forward pass of one sample takes.
  var multiplyAdds: Int { get }
  /// What its outputs stand for.
  var outputKind: OutputKind { get }

  /// The number of floats that ``prepare(_:piece:into:)`` fills.
  var preparedCount: Int { get }
  /// The number of pieces in which that may be done.
  var preparedPieces: Int { get }
  /// Brings the variables into the layout the loops want; called, for every piece, whenever they
  /// have changed. Overwrites the piece's part of `prepared`.
  func prepare(_ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>)
  /// The arrays that `forward` leaves for `backward`, and those that the loops work in.
  var cached: [CachedArray] { get }

  /// Whether the output is the input, number by number, so that a pass may leave the layer out.
  func isIdentity(training: Bool) -> Bool
  /// A layer that does what this one and then the next one does, for less; `nil` where there is none.
  /// Its variables are this one's, then the next one's.
  func absorbing(_ next: any Layer, training: Bool) -> (any Layer)?
  /// Where a unit's output says that hardly any gradient passes it; `nil` where nothing does.
  var saturation: Saturation? { get }
  /// Where it leaves zeros, which the layer beside it may skip.
  var sparsity: Sparsity { get }
  /// What one position of its output depends on, for receptive fields.
  var reach: Reach { get }

  /// Computes the output of a batch.
  /// - x: input `[N, inputShape]`, read.
  /// - y: output `[N, outputShape]`, overwritten.
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode)

  /// Computes the gradients of the loss from the gradient of the output.
  /// - dy: ∂loss/∂y `[N, outputShape]`, read.
  /// - x, y: what `forward` read and wrote.
  /// - dx: ∂loss/∂x `[N, inputShape]`, overwritten; `nil` where it is not needed.
  /// - gradients: ∂loss/∂variable, added to; `nil` where the layer is frozen.
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode)
}

extension Layer {
  /// No variables by default.
  public var variables: [Variable] { [] }
  /// 0 by default: none worth counting.
  public var multiplyAdds: Int { 0 }
  /// Numbers of any size by default.
  public var outputKind: OutputKind { .values }
  /// 0 by default: nothing to prepare.
  public var preparedCount: Int { 0 }
  /// One piece by default.
  public var preparedPieces: Int { 1 }
  /// Does nothing by default.
  public func prepare(
    _ weights: Weights, piece: Int, into prepared: UnsafeMutablePointer<Float>
  ) {}
  /// No arrays by default.
  public var cached: [CachedArray] { [] }
  /// `false` by default: the output is something new.
  public func isIdentity(training: Bool) -> Bool { false }
  /// `nil` by default: the next layer is computed by itself.
  public func absorbing(_ next: any Layer, training: Bool) -> (any Layer)? { nil }
  /// `nil` by default.
  public var saturation: Saturation? { nil }
  /// `none` by default.
  public var sparsity: Sparsity { .none }
}

/// Which outputs of a unit let hardly any gradient through.
public enum Saturation: Sendable, Equatable {
  /// 0 and below: a unit that gives it for every sample is dead.
  case rectified
  /// Less than a hundredth from either end.
  case ends(of: ClosedRange<Float>)
}

/// A layer that draws random numbers in training.
public protocol StochasticLayer: Layer {
  /// The number of the layer's node in its network, which the network sets. It tells apart the numbers
  /// that two such layers draw, and does not depend on what a pass leaves out or fuses.
  var node: Int { get set }
}

/// A layer that the one before it may compute along with itself.
protocol FusibleLayer: Layer {
  /// What it computes; `nil` where no other layer can.
  var fusible: FusibleOperation? { get }
}

/// What a layer may compute along with itself, while its output is in registers or cache.
enum FusibleOperation {
  /// A ReLU, a leaky or a bounded one.
  case rectification(Rectifier)
  /// The maximum of each window.
  case maxPooling(WindowGeometry)
  /// A shift and a factor for each channel outside of training, which weights can take over.
  case normalization(BatchNormLayer)
}
