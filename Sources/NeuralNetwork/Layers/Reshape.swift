/// Gives the numbers of a sample another shape, in the order in which they are.
public struct Reshape: LayerSpec {
  /// `reshape`.
  public static let kind = "reshape"
  /// What it computes.
  public static let help = "the same numbers in another shape"
  /// One with every default.
  public static let prototype = Reshape([-1])
  /// What can be set.
  public static let settings: [Setting<Reshape>] = [
    Setting(
      "shape", values: Self.form,
      "the extents of a sample, outermost first; −1 follows from the others",
      read: { (text, owner) throws(SettingError) in
        guard let (numbers, isList) = text.wholeNumbers, isList else {
          throw SettingError("shape", expected: Self.form, found: text)
        }
        owner.shape = numbers
        try owner.checkShape()
      }, text: { "[\($0.shape.map(String.init).joined(separator: ", "))]" },
      check: { (owner) throws(SettingError) in try owner.checkShape() }
    ).required()
  ]
  private static let form = "[1 to 3 whole numbers from 1], one of which may be -1"
  /// The name the model gives this layer, and whether it is trained.
  public var common = LayerCommon()
  /// The extents of an output sample, outermost first; one of them may be −1, which follows from the others.
  public var shape: [Int]

  /// Creates a layer that gives samples this shape.
  public init(_ shape: [Int]) { self.shape = shape }

  private func checkShape() throws(SettingError) {
    let isValid =
      (1...3).contains(shape.count) && shape.count(where: { $0 == -1 }) <= 1
      && shape.allSatisfy { $0 == -1 || $0 >= 1 }
    guard isValid else {
      throw SettingError("shape", expected: Self.form, found: "\(shape)")
    }
  }

  /// Makes the layer for samples of any shape of as many numbers.
  public func build(input: Shape) throws(ModelError) -> any Layer {
    var extents = shape
    if let open = extents.firstIndex(of: -1) {
      extents[open] = 1
      if let known = Shape.checkedCount(extents, limit: input.count) {
        extents[open] = input.count / known
      }
    }
    guard Shape.checkedCount(extents, limit: input.count) == input.count else {
      throw ModelError("shape: \(shape) does not hold the \(input.count) numbers of \(input)")
    }
    // Loops over images count in 32 bits.
    guard extents.count == 1 || extents.allSatisfy({ $0 <= WindowGeometry.largestExtent }) else {
      throw ModelError(
        "shape: expected extents of at most \(WindowGeometry.largestExtent), found \(extents)")
    }
    return ReshapeLayer(inputShape: input, outputShape: Shape(extents))
  }
}

/// A reshaping whose shapes are known.
struct ReshapeLayer: Layer {
  let inputShape: Shape
  let outputShape: Shape

  var reach: Reach { .position }
  func isIdentity(training: Bool) -> Bool { true }
  var sparsity: Sparsity { .passed }

  func forward(
    _ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode
  ) {
    y.mutablePointer().update(from: x.pointer, count: x.count)
  }

  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    dx?.mutablePointer().update(from: dy.pointer, count: dy.count)
  }
}
