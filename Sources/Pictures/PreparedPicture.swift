/// A picture brought to the form that a network takes, and what was done to it.
public struct PreparedPicture: Sendable {
  /// Rows of pixels.
  public let height: Int
  /// Pixels of a row.
  public let width: Int
  /// The number of values of a pixel.
  public let channels: Int
  /// `[height, width, channels]`, 0 to 255.
  public let pixels: [UInt8]
  /// What was done.
  public let changes: PictureChanges
  /// What looks wrong with it.
  public let warnings: [PictureWarning]

  /// The network's input, `[height, width, channels]`: the pixels from 0 to 1.
  public var sample: [Float] { pixels.map { Float($0) / 255 } }
}

/// What was done to a picture.
public struct PictureChanges: Sendable, Equatable, Encodable {
  /// How it was brought to its size.
  public enum Method: String, Sendable, Encodable {
    /// Not at all: it had the size and the form of the training data.
    case unchanged
    /// All of it was scaled, whatever its aspect.
    case scaled
    /// Its middle was cut out and scaled.
    case cropped
    /// A digit was looked for and fitted.
    case fitted
  }

  /// What is darker.
  public enum Polarity: String, Sendable, Encodable {
    /// The ink.
    case darkOnLight
    /// The paper.
    case lightOnDark
  }

  /// A rectangle in pixels of the picture.
  public struct Box: Sendable, Equatable, Encodable {
    /// From its top left corner, down and to the right.
    public let top: Int
    /// See ``top``.
    public let left: Int
    /// Its size.
    public let height: Int
    /// See ``height``.
    public let width: Int
  }

  /// How it was brought to its size.
  public let method: Method
  /// The part of the picture that was used.
  public let box: Box
  /// The pixels of the picture that an edge of a pixel of the result stands for.
  public let scale: Double
  /// Where a digit was looked for: whether it is darker or lighter than the paper, …
  public let polarity: Polarity?
  /// … how bright the paper is where it is darkest and where it is lightest, from 0 to 255, …
  public let paper: [Int]?
  /// … the mean width of its strokes, in pixels of the result, …
  public let strokeWidth: Double?
  /// … and by how much they were made wider.
  public let thickening: Double?
}
