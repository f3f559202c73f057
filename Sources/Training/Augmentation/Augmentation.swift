import NeuralNetwork

/// How training images are changed at random every time they are seen.
///
/// What happens to an image follows from the seed, the epoch and the image's number alone.
/// Everything that moves pixels is one map with bilinear interpolation, so an image is blurred
/// once, not once for each change; points outside an image count as 0.
public struct Augmentation: Hashable, Sendable {
  /// The axes an image may be mirrored along, each in half of the cases.
  public enum Flip: String, CaseIterable, SettingValue {
    /// Left and right are exchanged.
    case horizontal
    /// Top and bottom are exchanged.
    case vertical
    /// Either, or both.
    case both
  }

  /// The most pixels an image moves up, down, left and right; whole pixels where nothing else moves
  /// any, so that a shift alone blurs nothing.
  public var shift: Float = 0
  /// The most degrees it is rotated, either way.
  public var rotation: Float = 0
  /// The most it grows, as a share of its size; it shrinks by the same factor at most.
  public var scale: Float = 0
  /// The most degrees it is sheared, either way.
  public var shear: Float = 0
  /// The root mean square, in pixels, of the distance by which an elastic deformation moves a point
  /// along each axis (Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural
  /// networks applied to visual document analysis"): a smooth field, cubic B-splines over random
  /// control points.
  public var elastic: Float = 0
  /// The distance between those control points in pixels: the larger, the smoother.
  public var elasticSpacing: Float = 7
  /// The probability that a rectangle of the image is set to 0 (Zhong et al. 2017, "Random erasing
  /// data augmentation").
  public var erase: Float = 0
  /// The largest share of the image that such a rectangle takes.
  public var eraseArea: Float = 0.2
  /// The axes it may be mirrored along. For data sets whose classes survive it: a mirrored shirt is a
  /// shirt, a mirrored 2 is no digit.
  public var flip: Flip?

  /// Changes nothing.
  public init() {}

  /// Whether images are left unchanged.
  public var isIdentity: Bool { !deforms && shift == 0 && erase == 0 && flip == nil }

  /// Whether the map interpolates between pixels.
  var deforms: Bool { rotation > 0 || scale > 0 || shear > 0 || elastic > 0 }
}

extension Augmentation: Configurable {
  /// `augmentation`, a key of the training settings.
  public static let kind = "augmentation"
  /// The identity.
  public static let prototype = Augmentation()

  /// What can be set.
  public static let settings: [Setting<Augmentation>] = [
    Setting(
      "shift", \.shift, .from(0, to: 1000),
      "moved by up to this many pixels up, down, left and right; where nothing else moves pixels, by whole ones, and this is a whole number too"
    ),
    Setting("rotation", \.rotation, .from(0, to: 180), "rotated by up to this many degrees"),
    Setting(
      "scale", \.scale, .from(0, to: 10),
      "enlarged by up to this share, or shrunk by the same factor"),
    Setting("shear", \.shear, .from(0, to: 80), "sheared by up to this many degrees"),
    Setting(
      "elastic", \.elastic, .from(0, to: 100),
      "bent by a smooth random field of this strength in pixels (Simard et al. 2003)"),
    Setting(
      "elastic_spacing", \.elasticSpacing, .from(1, to: 1000),
      "the distance between that field's control points in pixels: the larger, the smoother"),
    Setting(
      "erase", \.erase, .from(0, to: 1),
      "with this probability a rectangle is set to 0 (Zhong et al. 2017)"),
    Setting(
      "erase_area", \.eraseArea, .from(0.02, to: 1), "the largest share of the image it takes"),
    Setting(
      "flip", \.flip,
      "mirrored in half of the cases; for shirts, not for digits: there is a warning where no `classes.txt` names the classes in words"
    ),
  ]

  /// Throws for the first value that is out of its range, or does not go with the others.
  public func check() throws(SettingError) { try check(of: Self.kind) }
}

extension Augmentation: SettingValue {
  /// `none`, or pairs.
  public static var form: String { "none, or comma-separated key=value pairs" }
  /// `none` changes nothing.
  public static var off: String? { "none" }
  /// What can be set.
  public static var innerKeys: [String] { keys }

  /// Reads `key=value,key=value`, or `none`.
  ///
  /// - Throws: a ``SettingError`` for a key that is unknown or stated twice, or a value that is out
  ///   of its range.
  public static func value(
    _ text: String, of key: String
  ) throws(SettingError) -> Augmentation {
    guard text != "none" else { return Augmentation() }
    guard !text.isEmpty else { throw SettingError(key, expected: form, found: "nothing") }
    let value = try make(pairs: text, of: key)
    try value.check(of: key)
    return value
  }

  /// Throws for the first value that is out of its range, or does not go with the others.
  public func check(of key: String) throws(SettingError) {
    do throws(SettingError) {
      try checkRanges()
    } catch {
      throw error.inside(key)
    }
    guard deforms || shift == shift.rounded() else {
      throw SettingError(
        "\(key).shift", expected: "whole pixels, as nothing else moves pixels", found: "\(shift)")
    }
  }

  /// The pairs that differ from none, as they are read back.
  public var text: String {
    let pairs = pairs()
    return pairs.isEmpty ? "none" : pairs
  }
}

extension Augmentation: CustomStringConvertible {
  /// ``text``.
  public var description: String { text }

  /// Reads a text; see ``value(_:of:)``.
  public init(_ text: String) throws(SettingError) {
    self = try Self.value(text, of: Self.kind)
  }
}
