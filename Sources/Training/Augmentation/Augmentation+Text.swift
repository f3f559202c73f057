extension Augmentation: CustomStringConvertible {
  /// The numbers by their keys, in a text and in a model file.
  static let numbers: [(key: String, path: WritableKeyPath<Augmentation, Float> & Sendable)] = [
    ("shift", \.shift), ("rotation", \.rotation), ("scale", \.scale), ("shear", \.shear),
    ("elastic", \.elastic), ("elastic_spacing", \.elasticSpacing), ("erase", \.erase),
    ("erase_area", \.eraseArea),
  ]

  /// All keys.
  public static let keys = numbers.map(\.key) + ["flip"]

  /// Reads `key=value,key=value`, or `none`.
  ///
  /// - Throws: a ``SettingError`` for a key that is unknown or stated twice, or a value that is out
  ///   of its range.
  public init(_ text: String) throws(SettingError) {
    self.init()
    guard text != "none" else { return }
    var stated = Set<String>()
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2 else {
        throw SettingError(
          "augmentation", expected: "none, or key=value pairs with commas between",
          found: text.isEmpty ? "nothing" : "\(pair)")
      }
      guard stated.insert(sides[0]).inserted else {
        throw SettingError("augmentation", expected: "each key once", found: "\(sides[0]) twice")
      }
      try set(sides[0], to: sides[1])
    }
    try check()
  }

  /// Sets what a key stands for.
  public mutating func set(_ key: String, to value: String) throws(SettingError) {
    if key == "flip" {
      guard let flip = Flip(rawValue: value) else {
        let names = Flip.allCases.map(\.rawValue).joined(separator: ", ")
        throw SettingError("augmentation.flip", expected: "one of \(names)", found: value)
      }
      self.flip = flip
      return
    }
    guard let path = Self.numbers.first(where: { $0.key == key })?.path else {
      throw SettingError(
        "augmentation", expected: "a key of \(Self.keys.joined(separator: ", "))", found: key)
    }
    guard let number = Float(value), number.isFinite else {
      throw SettingError("augmentation.\(key)", expected: "a number", found: value)
    }
    self[keyPath: path] = number
  }

  /// The text that ``init(_:)`` reads this from.
  public var description: String {
    let none = Augmentation()
    var pairs = Self.numbers.filter { self[keyPath: $0.path] != none[keyPath: $0.path] }
      .map { "\($0.key)=\(self[keyPath: $0.path])" }
    if let flip { pairs.append("flip=\(flip.rawValue)") }
    return pairs.isEmpty ? "none" : pairs.joined(separator: ",")
  }
}
