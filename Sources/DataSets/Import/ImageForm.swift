import Platform

/// The height, width and channels of images, as far as they are known before these are read.
public struct ImageForm: Equatable, Sendable {
  /// Rows and columns, where they are stated; images are square otherwise.
  public let size: PictureSize?
  /// Values of a pixel, where they are stated; there are one or three otherwise.
  public let channels: Int?

  /// States what is known; `channels` is at least 1.
  public init(size: PictureSize? = nil, channels: Int? = nil) {
    require((channels ?? 1) >= 1, "images of \(channels ?? 1) channels; expected at least 1")
    (self.size, self.channels) = (size, channels)
  }

  /// The form of images of so many values, which the file itself may state; `nil` where there is none.
  /// No number of values fits two.
  func resolved(
    values: Int, stated: (height: Int, width: Int, channels: Int)? = nil
  ) -> (height: Int, width: Int, channels: Int)? {
    if let stated, size.map({ ($0.height, $0.width) == (stated.height, stated.width) }) ?? true,
      channels.map({ $0 == stated.channels }) ?? true
    {
      return stated
    }
    for channels in channels.map({ [$0] }) ?? [1, 3] where values.isMultiple(of: channels) {
      let pixels = values / channels
      if let size {
        guard size.height * size.width == pixels else { continue }
        return (size.height, size.width, channels)
      }
      let edge = Int(Double(pixels).squareRoot())
      if edge > 0, edge * edge == pixels { return (edge, edge, channels) }
    }
    return nil
  }

  /// What a file should have had: "square images of 1 or 3 channels".
  var expectation: String {
    (size.map { "images of \($0.height)×\($0.width)" } ?? "square images")
      + (channels.map { " of \($0) channel\($0 == 1 ? "" : "s")" } ?? " of 1 or 3 channels")
  }
}
