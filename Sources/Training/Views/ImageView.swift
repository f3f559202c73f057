import NeuralNetwork

/// A fixed way of looking at an image: rotated, sheared, scaled, shifted. Points outside of it count as 0.
public struct ImageView: Hashable, Sendable {
  /// Degrees, clockwise.
  public var rotation: Float = 0
  /// The factor by which it grows.
  public var scale: Float = 1
  /// Degrees.
  public var shear: Float = 0
  /// Pixels.
  public var down: Float = 0
  /// Pixels.
  public var right: Float = 0

  /// The image as it is.
  public init() {}

  func map(height: Int, width: Int) -> PixelMap {
    PixelMap(
      height: height, width: width, rotation: Double(rotation), shear: Double(shear),
      size: Double(scale), shift: (down: down, right: right))
  }
}

extension ImageView: Configurable {
  /// `view`.
  public static let kind = "view"
  /// The image as it is.
  public static let prototype = ImageView()

  /// What can be set.
  public static let settings: [Setting<ImageView>] = [
    Setting("rotation", \.rotation, .from(-180, to: 180), "degrees, clockwise"),
    Setting("scale", \.scale, .from(0.1, to: 10), "the factor by which the image grows"),
    Setting("shear", \.shear, .from(-80, to: 80), "degrees"),
    Setting("down", \.down, .from(-1000, to: 1000), "pixels"),
    Setting("right", \.right, .from(-1000, to: 1000), "pixels"),
  ]
}
