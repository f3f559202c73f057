import CKernels

extension ImageChange {
  /// The working memory for changing images, one after the other.
  struct Scratch: ~Copyable {
    /// The number of floats it takes.
    static func count(height: Int, width: Int, channels: Int, _ a: Augmentation) -> Int {
      let framed = PixelMap.framedCount(height: height, width: width, channels: channels)
      guard a.elastic > 0 else { return framed }
      let (rows, columns) = controls(height: height, width: width, a)
      return framed + 2 * height * width + rows * columns + height * columns
    }

    /// The image in its frame, which holds zeros.
    let framed: UnsafeMutablePointer<Float>
    let field: UnsafeMutablePointer<Float>
    let controls: UnsafeMutablePointer<Float>
    let between: UnsafeMutablePointer<Float>
    let controlCount: Int
    let columns: Int

    init(
      _ base: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int,
      _ a: Augmentation
    ) {
      let framed = PixelMap.framedCount(height: height, width: width, channels: channels)
      mc_fill(framed, 0, base)
      let (rows, columns) = Self.controls(height: height, width: width, a)
      self.framed = base
      self.columns = columns
      controlCount = rows * columns
      field = base + framed
      controls = field + 2 * height * width
      between = controls + controlCount
    }

    private static func controls(
      height: Int, width: Int, _ a: Augmentation
    ) -> (rows: Int, columns: Int) {
      // One more than the splines reach, in case a quotient is rounded up.
      (
        Int(Float(height - 1) / a.elasticSpacing) + 5, Int(Float(width - 1) / a.elasticSpacing) + 5
      )
    }
  }
}
