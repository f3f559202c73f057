import NeuralNetwork

/// The views of each image that are predicted, and whose predictions are averaged: the image as it is,
/// and others.
///
/// A network that has learnt a little of every turn and size is a little wrong about each; the mean of
/// what it says is right more often. It costs as many passes as there are views.
public struct Views: Hashable, Sendable {
  /// The views besides the image as it is.
  public var others: [ImageView] = []

  /// The image as it is, alone.
  public init() {}

  /// All of them; the image as it is comes first.
  public var all: [ImageView] { [ImageView()] + others }

  /// Throws where samples of a shape have no views but one.
  public func check(_ shape: Shape) throws(SettingError) {
    guard others.isEmpty || shape.rank == 3 else {
      throw SettingError(
        "views", expected: "images (height×width×channels) to look at",
        found: "samples of \(shape)")
    }
  }
}

extension Views: SettingValue {
  /// Views separated by spaces.
  public static var form: String {
    "none, or views separated by spaces, each of comma-separated key=value pairs"
  }
  /// `none` is the image as it is, alone.
  public static var off: String? { "none" }
  /// What can be set of a view.
  public static var innerKeys: [String] { ImageView.keys }

  /// Reads `key=value,key=value key=value`, or `none`.
  ///
  /// - Throws: a `SettingError` for a key that is unknown or stated twice, or a value that is out of
  ///   its range.
  public static func value(_ text: String, of key: String) throws(SettingError) -> Views {
    var views = Views()
    guard text != "none" else { return views }
    for part in text.split(separator: " ") {
      views.others.append(try ImageView.make(pairs: part, of: key))
    }
    guard !views.others.isEmpty else {
      throw SettingError(key, expected: form, found: "nothing")
    }
    try views.check(of: key)
    return views
  }

  /// Throws for the first value that is out of its range.
  public func check(of key: String) throws(SettingError) {
    for view in others {
      do throws(SettingError) {
        try view.checkRanges()
      } catch {
        throw error.inside(key)
      }
    }
  }

  /// The views as they are read back.
  public var text: String {
    others.isEmpty ? "none" : others.map { $0.pairs() }.joined(separator: " ")
  }

  /// Reads a text; see ``value(_:of:)``.
  public init(_ text: String) throws(SettingError) { self = try Self.value(text, of: "views") }
}
