/// What one position of a layer's output depends on, among the positions of its input.
public enum Reach: Sendable, Equatable {
  /// The same position alone.
  case position
  /// Those in a window of this extent, dilation included, that slides by a stride.
  case window(Extent2D, stride: Extent2D)
  /// As many as this, where the output has a whole number of positions for each of the input's.
  case magnified(Extent2D, by: Extent2D)
  /// All of them.
  case everything
}

extension Layer {
  /// By default the same position where the output has the same extents or is an image of the same height and
  /// width, and otherwise everything.
  public var reach: Reach {
    if inputShape == outputShape { return .position }
    let areImages = inputShape.rank == 3 && outputShape.rank == 3
    let keepsPositions =
      areImages && inputShape[0] == outputShape[0] && inputShape[1] == outputShape[1]
    return keepsPositions ? .position : .everything
  }
}

extension WindowGeometry {
  /// What an output of the window depends on.
  var reach: Reach {
    let extent = Extent2D(Int(window.kernelHeight), Int(window.kernelWidth))
    let dilation = Extent2D(Int(window.dilationHeight), Int(window.dilationWidth))
    return .window(
      extent.spread(by: dilation),
      stride: Extent2D(Int(window.strideHeight), Int(window.strideWidth)))
  }

  /// What an output of the transposed window depends on: the inputs whose windows may cover it.
  var transposedReach: Reach {
    guard case .window(let extent, let stride) = reach else { return .everything }
    let positions = Extent2D(
      (extent.height + stride.height - 1) / stride.height,
      (extent.width + stride.width - 1) / stride.width)
    return .magnified(positions, by: stride)
  }
}
