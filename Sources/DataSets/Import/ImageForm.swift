/// The height, width and channels of images, as far as they are known before these are read.
public struct ImageForm: Equatable, Sendable {
  /// Rows, where they are stated.
  public var height: Int?
  /// Columns, where they are stated.
  public var width: Int?
  /// Values of a pixel, where they are stated.
  public var channels: Int?

  /// States what is known.
  public init(height: Int? = nil, width: Int? = nil, channels: Int? = nil) {
    (self.height, self.width, self.channels) = (height, width, channels)
  }

  /// The form of images of so many values: what is not stated is as for square images of one or three
  /// channels. `nil` where there is none.
  func resolved(values: Int) -> (height: Int, width: Int, channels: Int)? {
    for channels in channels.map({ [$0] }) ?? [1, 3] where values.isMultiple(of: channels) {
      let pixels = values / channels
      if let height, let width {
        guard height.multipliedReportingOverflow(by: width) == (pixels, false) else { continue }
        return (height, width, channels)
      }
      if let one = height ?? width {
        guard pixels.isMultiple(of: one) else { continue }
        return (height ?? pixels / one, width ?? pixels / one, channels)
      }
      let edge = Int(Double(pixels).squareRoot())
      if edge > 0, edge * edge == pixels { return (edge, edge, channels) }
    }
    return nil
  }

  /// What a file should have had: "784 values, an image of 28×28".
  var expectation: String {
    switch (height, width) {
    case (let height?, let width?):
      "images of \(height)×\(width)" + (channels.map { "×\($0)" } ?? ", of 1 or 3 channels")
    default:
      "square images" + (channels.map { " of \($0) channels" } ?? " of 1 or 3 channels")
    }
  }
}
