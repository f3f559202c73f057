import NeuralNetwork

/// An array of a PyTorch state dict, made of a variable of ours.
struct TorchTensor: Sendable {
  /// What it holds.
  enum Content: Sendable {
    /// The elements of a variable with its axes in another order.
    case variable(VariableLayout.Entry, AxisOrder)
    /// A whole number: that of a variable, or 0 where none of ours counts it.
    case count(VariableLayout.Entry?)
    /// A number throughout, where PyTorch's layer has a parameter that ours goes without.
    case constant(Float)
  }

  /// Its name in the state dict, `conv2d.weight`.
  let name: String
  /// Its extents, outermost first.
  let shape: [Int]
  /// What it holds.
  let content: Content

  /// The number of elements.
  var count: Int { shape.reduce(1, *) }
}

/// Another order of the axes of an array: axis i of the result is axis `axes[i]` of the source.
struct AxisOrder: Sendable {
  /// The extents of the source, outermost first.
  let extents: [Int]
  /// A permutation of the source's axes.
  let axes: [Int]

  /// The order in which they are.
  static func identity(_ count: Int) -> AxisOrder { AxisOrder(extents: [count], axes: [0]) }

  /// The extents of the result.
  var outputExtents: [Int] { axes.map { extents[$0] } }

  /// The way back.
  var inverse: AxisOrder {
    var back = axes
    for (i, axis) in axes.enumerated() { back[axis] = i }
    return AxisOrder(extents: outputExtents, axes: back)
  }

  /// The elements of an array with the source's extents in the result's order.
  func callAsFunction(_ values: [Float]) -> [Float] {
    var steps = extents.map { _ in 1 }
    for axis in extents.indices.dropLast().reversed() {
      steps[axis] = steps[axis + 1] * extents[axis + 1]
    }
    let extents = outputExtents
    steps = axes.map { steps[$0] }
    var index = extents.map { _ in 0 }
    var place = 0
    return values.map { _ in
      let value = values[place]
      for axis in extents.indices.reversed() {
        index[axis] += 1
        place += steps[axis]
        if index[axis] < extents[axis] { break }
        place -= steps[axis] * extents[axis]
        index[axis] = 0
      }
      return value
    }
  }
}
