import NeuralNetwork

/// How a kernel or a pooling window slides over an image.
package struct SlidingWindow: Hashable, Sendable {
  /// Rows, columns and channels of the input.
  package let input: Extents
  /// Rows, columns and channels of the output.
  package let output: Extents
  /// Rows and columns of the window.
  package let kernel: Extent2D
  /// Steps between neighbouring windows.
  package let stride: Extent2D
  /// Distances between neighbouring taps.
  package let dilation: Extent2D
  /// Rows of padding above the image.
  package let top: Int
  /// Columns of padding on its left.
  package let left: Int
  /// The number of groups that the channels are divided into.
  package let groups: Int

  /// The extents of an image.
  package struct Extents: Hashable, Sendable {
    package let rows: Int, columns: Int, channels: Int

    /// The number of numbers.
    package var count: Int { rows * columns * channels }
  }

  /// A window over images of one shape into images of another.
  init(
    _ input: Shape, _ output: Shape, kernel: Extent2D, stride: Extent2D, dilation: Extent2D = 1,
    padding: Padding = .valid, groups: Int = 1
  ) {
    self.input = Extents(rows: input[0], columns: input[1], channels: input[2])
    self.output = Extents(rows: output[0], columns: output[1], channels: output[2])
    (self.kernel, self.stride, self.dilation) = (kernel, stride, dilation)
    self.groups = groups
    top =
      padding.amounts(
        input: input[0], extent: (kernel.height - 1) * dilation.height + 1, stride: stride.height,
        vertical: true
      ).before
    left =
      padding.amounts(
        input: input[1], extent: (kernel.width - 1) * dilation.width + 1, stride: stride.width,
        vertical: false
      ).before
  }

  /// One window that is the whole input.
  init(whole input: Shape) {
    let size = Extent2D(input[0], input[1])
    self.init(input, [1, 1, input[2]], kernel: size, stride: size)
  }

  /// A vector into a vector, each output from all inputs.
  init(vector inputs: Int, into outputs: Int) {
    self.init([1, 1, inputs], [1, 1, outputs], kernel: 1, stride: 1)
  }

  /// The numbers of an image, one by one, with one output each.
  init(each shape: Shape) {
    let image: Shape = shape.rank == 3 ? shape : [1, 1, shape.count]
    self.init(image, image, kernel: 1, stride: 1, groups: image[2])
  }

  /// The input's channels that an output depends on.
  package var channelsPerGroup: Int { input.channels / groups }
  /// The outputs of a group.
  package var outputsPerGroup: Int { output.channels / groups }
  /// The numbers of the input that an output depends on, padding included.
  package var taps: Int { kernel.height * kernel.width * channelsPerGroup }

  /// The rows of the input under the window of a row of the output, with the number of each in the window.
  func rows(under row: Int) -> [(tap: Int, row: Int)] {
    Self.places(
      row * stride.height - top, kernel.height, dilation.height, below: input.rows)
  }

  /// The same for columns.
  func columns(under column: Int) -> [(tap: Int, row: Int)] {
    Self.places(
      column * stride.width - left, kernel.width, dilation.width, below: input.columns)
  }

  private static func places(
    _ start: Int, _ count: Int, _ step: Int, below end: Int
  ) -> [(tap: Int, row: Int)] {
    (0..<count).compactMap { tap in
      let place = start + tap * step
      return place >= 0 && place < end ? (tap, place) : nil
    }
  }

  /// Whether a window reaches beyond the image.
  package var hasPadding: Bool {
    rows(under: 0).count < kernel.height || columns(under: 0).count < kernel.width
      || rows(under: output.rows - 1).count < kernel.height
      || columns(under: output.columns - 1).count < kernel.width
  }

  /// How many positions of the image lie under each window, `[output rows · columns]`.
  var positions: [Int] {
    let widths = (0..<output.columns).map { columns(under: $0).count }
    return (0..<output.rows).flatMap { row in
      let rows = rows(under: row).count
      return widths.map { rows * $0 }
    }
  }
}
