/// How training images are changed at random every time they are seen.
///
/// What happens to an image follows from the seed, the epoch and the image's number alone. All that
/// moves pixels is one map with bilinear interpolation, so an image is blurred once, not once for
/// each change; places outside an image count as 0.
public struct Augmentation: Hashable, Sendable {
  /// The axes an image may be mirrored along, each in half of the cases.
  public enum Flip: String, CaseIterable, Sendable {
    /// Left and right change places.
    case horizontal
    /// Top and bottom change places.
    case vertical
    /// Either, or both.
    case both
  }

  /// The most pixels an image moves up, down, left and right; whole pixels where nothing else moves
  /// any, so that a shift alone blurs nothing.
  public var shift: Float = 0
  /// The most degrees it turns, either way.
  public var rotation: Float = 0
  /// The most it grows, as a share of its size; it shrinks by the same factor at most.
  public var scale: Float = 0
  /// The most degrees its sides lean, either way.
  public var shear: Float = 0
  /// The root mean square, in pixels, of the distance by which an elastic deformation moves a place
  /// along each axis (Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural
  /// networks applied to visual document analysis"): a smooth field, cubic B-splines through random
  /// controls.
  public var elastic: Float = 0
  /// The distance of those controls in pixels: the larger, the smoother.
  public var elasticSpacing: Float = 7
  /// How likely a rectangle of the image is set to 0 (Zhong et al. 2017, "Random erasing data
  /// augmentation").
  public var erase: Float = 0
  /// The largest share of the image that such a rectangle takes.
  public var eraseArea: Float = 0.2
  /// The axes it may be mirrored along. For data sets whose classes survive it: a mirrored shirt is a
  /// shirt, a mirrored 2 is no digit.
  public var flip: Flip?

  /// Changes nothing.
  public init() {}

  /// Whether images stay as they are.
  public var isIdentity: Bool { !deforms && shift == 0 && erase == 0 && flip == nil }

  /// Whether places between pixels are looked at.
  var deforms: Bool { rotation > 0 || scale > 0 || shear > 0 || elastic > 0 }

  /// Throws for the first value that is out of its range.
  public func check() throws(SettingError) {
    func require(
      _ value: Float, _ range: ClosedRange<Float>, _ name: String
    ) throws(SettingError) {
      guard range.contains(value) else {
        throw SettingError(
          "augmentation.\(name)", expected: "\(range.lowerBound) to \(range.upperBound)",
          found: "\(value)")
      }
    }
    try require(shift, 0...1000, "shift")
    try require(rotation, 0...180, "rotation")
    try require(scale, 0...10, "scale")
    try require(shear, 0...80, "shear")
    try require(elastic, 0...100, "elastic")
    try require(elasticSpacing, 1...1000, "elastic_spacing")
    try require(erase, 0...1, "erase")
    try require(eraseArea, 0.02...1, "erase_area")
    guard deforms || shift == shift.rounded() else {
      throw SettingError(
        "augmentation.shift", expected: "whole pixels, as nothing else moves any",
        found: "\(shift)")
    }
  }
}
