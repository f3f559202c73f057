/// A computation on a batch, whose shapes are known.
///
/// A layer holds its geometry and nothing that changes: its variables live in the network, its
/// activations in a workspace. So two threads can share it, a gradient check needs no set-up, and
/// the signatures tell what is read, what is overwritten and what is added to.
public protocol Layer: Sendable {
  /// The name of this kind of layer in a model file.
  static var kind: String { get }
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
  /// A cache for batches of at most `batch` samples.
  func makeCache(batch: Int) -> Cache

  /// Computes the output of a batch.
  /// - x: input `[N, inputShape]`, read.
  /// - y: output `[N, outputShape]`, overwritten.
  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: inout Cache, mode: Mode)

  /// Computes the gradients of the loss from the gradient of the output.
  /// - dy: ∂loss/∂y `[N, outputShape]`, read.
  /// - x, y: what `forward` read and wrote.
  /// - dx: ∂loss/∂x `[N, inputShape]`, overwritten; `nil` where it is not needed.
  /// - gradients: ∂loss/∂variable, added to.
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients,
    weights: Weights, cache: inout Cache, mode: Mode)
}

extension Layer {
  /// The name of this kind of layer in a model file.
  public var kind: String { Self.kind }
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
  /// An empty cache by default.
  public func makeCache(batch: Int) -> Cache { Cache() }
}
