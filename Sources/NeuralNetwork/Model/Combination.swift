import CKernels

/// What joins several activations at the end of a block.
enum Combination: Sendable {
  /// y = a + b, of one shape; through a rectifier where one follows that a pass fuses into it.
  case sum(Rectifier)
  /// y = a · b, number by number; b may be a vector `[C]` or `[1, 1, C]`, which then scales the channels of
  /// every position of a.
  case product
  /// All numbers of a position, one input's after the other's: along the last axis, where the inputs have
  /// `widths`. Their tensors may be of another shape, as a layer that only renames it is left out.
  case concatenation(widths: [Int])

  /// The name in a summary, and Keras's class.
  var kind: String {
    switch self {
    case .sum: "add"
    case .product: "multiply"
    case .concatenation: "concatenate"
    }
  }

  /// The shape of the output, or why these do not fit together.
  func outputShape(_ inputs: [Shape]) throws(ModelError) -> Shape {
    let first = inputs[0]
    let outer = first.array.dropLast()
    for other in inputs.dropFirst() {
      let fits =
        switch self {
        case .sum: other == first
        case .product: other == first || Self.scales(other, first)
        case .concatenation: other.rank == first.rank && other.array.dropLast() == outer
        }
      guard fits else {
        throw ModelError("\(kind) cannot join \(first) and \(other)")
      }
    }
    guard case .concatenation(let widths) = self else { return first }
    guard first.rank >= 1 else { throw ModelError("concatenate cannot join single numbers") }
    return Shape(outer + [widths.reduce(0, +)])
  }

  private static func scales(_ vector: Shape, _ image: Shape) -> Bool {
    image.rank == 3 && vector.count == image[2]
      && (vector.rank == 1 || (vector.rank == 3 && vector[0] == 1 && vector[1] == 1))
  }

  /// The same with the next layer's work done along with its own, where that can be done.
  func absorbing(_ next: any Layer) -> Combination? {
    guard case .sum(let rectifier) = self, !rectifier.rectifies,
      case .rectification(let next) = (next as? any FusibleLayer)?.fusible
    else { return nil }
    return .sum(next)
  }

  /// Whether many numbers of the output are 0.
  var sparsity: Sparsity {
    if case .sum(let rectifier) = self, rectifier.leavesZeros { .output } else { .none }
  }

  /// The output, whose last axis has `width` numbers. Overwrites `y`.
  func forward(
    _ inputs: [Int], _ activations: [Tensor], into y: UnsafeMutablePointer<Float>, width: Int
  ) {
    let first = activations[inputs[0]]
    switch self {
    case .sum(let rectifier):
      withUnsafePointer(to: rectifier.parameters) {
        mc_sum(first.count, $0, first.pointer, activations[inputs[1]].pointer, y)
      }
    case .product:
      let factor = activations[inputs[1]]
      let columns = factor.shape.count
      mc_multiply(
        first.samples, first.shape.count / columns, columns, first.pointer, factor.pointer, y)
    case .concatenation(let widths):
      var position = 0
      for (input, columns) in zip(inputs, widths) {
        let x = activations[input]
        mc_copy_columns(
          x.count / columns, columns, x.pointer, columns, false, y + position, width)
        position += columns
      }
    }
  }

  /// Whether a row of the output follows from the same row of each input.
  func isRowwise(_ inputs: [Shape], into output: Shape) -> Bool {
    guard output.rank == 3 else { return false }
    return switch self {
    case .sum: inputs.allSatisfy { $0 == output }
    case .product: false
    case .concatenation(let widths): inputs == widths.map { [output[0], output[1], $0] }
    }
  }

  /// Some rows of the output of one sample. Overwrites these rows of `y`.
  func forward(
    rows: Range<Int>, of shape: Shape, _ inputs: [Int], into y: UnsafeMutablePointer<Float>,
    _ activation: (Int) -> UnsafePointer<Float>
  ) {
    let first = rows.lowerBound * shape[1], positions = rows.count * shape[1], width = shape[2]
    switch self {
    case .sum(let rectifier):
      let start = first * width
      withUnsafePointer(to: rectifier.parameters) {
        mc_sum(
          positions * width, $0, activation(inputs[0]) + start, activation(inputs[1]) + start,
          y + start)
      }
    case .product:
      preconditionFailure("a factor may come from all rows")
    case .concatenation(let widths):
      var column = first * width
      for (input, columns) in zip(inputs, widths) {
        mc_copy_columns(
          positions, columns, activation(input) + first * columns, columns, false, y + column,
          width)
        column += columns
      }
    }
  }

  /// The gradient of input number `index`. Overwrites `dx`, or adds to it.
  ///
  /// - Parameter other: where the other input's gradient goes if this call is to compute both, which a sum can.
  func backward(
    _ dy: Tensor, y: Tensor, _ inputs: [Int], _ index: Int, _ activations: [Tensor], adds: Bool,
    into dx: UnsafeMutablePointer<Float>, and other: UnsafeMutablePointer<Float>? = nil
  ) {
    switch self {
    case .sum(let rectifier):
      withUnsafePointer(to: rectifier.parameters) {
        mc_sum_backward(dy.count, $0, y.pointer, dy.pointer, adds, dx, other)
      }
    case .product:
      let columns = activations[inputs[1]].shape.count
      let repeats = dy.shape.count / columns
      let other = activations[inputs[1 - index]].pointer
      if index == 0 {
        mc_multiply_backward(dy.samples, repeats, columns, dy.pointer, other, adds, dx)
      } else {
        mc_multiply_backward_factor(dy.samples, repeats, columns, dy.pointer, other, adds, dx)
      }
    case .concatenation(let widths):
      var position = 0
      for earlier in 0..<index { position += widths[earlier] }
      let own = widths[index], width = dy.shape.last
      mc_copy_columns(dy.count / width, own, dy.pointer + position, width, adds, dx, own)
    }
  }
}
