import CKernels

/// From a pixel of a changed image to the point of the original it shows: rotated, sheared, scaled about
/// the image's center, shifted, mirrored.
struct PixelMap {
  /// Row, then column, each `(a·i + b·j + c)`, as `mc_warp` takes them.
  private let numbers: (Float, Float, Float, Float, Float, Float)

  /// - Parameters:
  ///   - rotation: degrees.
  ///   - shear: degrees.
  ///   - size: the factor by which the image grows.
  ///   - shift: pixels down, and to the right.
  init(
    height: Int, width: Int, rotation: Double = 0, shear: Double = 0, size: Double = 1,
    shift: (down: Float, right: Float) = (0, 0), flipsRows: Bool = false,
    flipsColumns: Bool = false
  ) {
    let angle = rotation * Double.pi / 180, slant = shear * Double.pi / 180
    let lean = mc_sin(slant) / mc_cos(slant)
    let (sine, cosine) = (mc_sin(angle) / size, mc_cos(angle) / size)
    var rows = (Float(cosine), Float(-sine + lean * cosine))
    var columns = (Float(sine), Float(cosine + lean * sine))
    if flipsRows { (rows.0, rows.1) = (-rows.0, -rows.1) }
    if flipsColumns { (columns.0, columns.1) = (-columns.0, -columns.1) }
    let middle = (Float(height - 1) / 2, Float(width - 1) / 2)
    numbers = (
      rows.0, rows.1, middle.0 - shift.down - rows.0 * middle.0 - rows.1 * middle.1,
      columns.0, columns.1, middle.1 - shift.right - columns.0 * middle.0 - columns.1 * middle.1
    )
  }

  /// Changes an image `[height, width, channels]`.
  ///
  /// - Parameters:
  ///   - field: by how much each point is moved beyond that, `[2, height, width]`.
  ///   - framed: the image in a frame of one pixel, read.
  ///   - image: overwritten.
  func apply(
    height: Int, width: Int, channels: Int, field: UnsafePointer<Float>? = nil,
    framed: UnsafePointer<Float>, to image: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: numbers) {
      $0.withMemoryRebound(to: Float.self, capacity: 6) {
        mc_warp(height, width, channels, $0, field, framed, image)
      }
    }
  }

  /// Copies an image into a frame of one pixel.
  ///
  /// - Parameter framed: `[height + 2, width + 2, channels]`; all but the frame is overwritten.
  static func frame(
    _ image: UnsafePointer<Float>, height: Int, width: Int, channels: Int,
    into framed: UnsafeMutablePointer<Float>
  ) {
    let line = width * channels
    for row in 0..<height {
      (framed + (row + 1) * (line + 2 * channels) + channels)
        .update(from: image + row * line, count: line)
    }
  }

  /// The number of floats of an image in its frame.
  static func framedCount(height: Int, width: Int, channels: Int) -> Int {
    (height + 2) * (width + 2) * channels
  }
}
