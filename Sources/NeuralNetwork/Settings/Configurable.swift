/// Something with a name and settings, which it describes in one table beside its properties.
public protocol Configurable: Sendable {
  /// The name in a model file and on the command line.
  static var kind: String { get }
  /// One with every default, taken from the initializer's own default arguments.
  static var prototype: Self { get }
  /// What can be set.
  static var settings: [Setting<Self>] { get }
}

extension Configurable {
  /// The name in a model file and on the command line.
  public var kind: String { Self.kind }

  /// The keys of the settings.
  public static var keys: [String] { settings.map(\.key) }

  /// The settings, each with the prototype's text.
  public static var descriptions: [SettingDescription] {
    settings.map { setting in
      var about = setting.about
      // A setting that is 0 where nothing is stated can be switched off; the others always have a
      // value.
      if about.off == "0" || about.off == "0.0", about.off != setting.text(prototype) {
        about.off = nil
      }
      if !about.isRequired { about.standard = about.standard ?? setting.text(prototype) }
      return about
    }
  }

  /// One with the settings that are stated, and defaults for the others.
  ///
  /// - Parameter stated: the text of a setting by its key.
  /// - Throws: a ``SettingError`` for a text that is no value of its setting.
  package static func make(
    _ stated: (_ key: String) -> String?
  ) throws(SettingError) -> Self {
    var result = prototype
    for setting in settings {
      if let text = stated(setting.key) { try setting.read(text, &result) }
    }
    return result
  }

  /// The text of every setting.
  package var texts: [(key: String, text: String)] {
    Self.settings.map { ($0.key, $0.text(self)) }
  }

  /// Throws for the first setting that is out of its range.
  package func checkRanges() throws(SettingError) {
    for setting in Self.settings { try setting.check(self) }
  }
}

extension Configurable {
  /// Reads `key=value,key=value`; the errors name what is inside `owner`.
  package static func make(
    pairs text: some StringProtocol, of owner: String
  ) throws(SettingError) -> Self {
    var stated: [String: String] = [:]
    let pairs =
      text.isEmpty ? [] : String(text).split(separator: ",", omittingEmptySubsequences: false)
    for pair in pairs {
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2 else {
        throw SettingError(
          owner, expected: "comma-separated key=value pairs",
          found: pair.isEmpty ? "nothing" : String(pair))
      }
      guard keys.contains(sides[0]) else {
        throw SettingError(
          owner, expected: keys.isEmpty ? "no key" : "a key of \(keys.joined(separator: ", "))",
          found: sides[0], hint: keys.closest(to: sides[0]))
      }
      guard stated.updateValue(sides[1], forKey: sides[0]) == nil else {
        throw SettingError(owner, expected: "each key once", found: "\(sides[0]) twice")
      }
    }
    do throws(SettingError) {
      return try make { stated[$0] }
    } catch {
      throw error.inside(owner)
    }
  }

  /// The settings that are not the prototype's, as ``make(pairs:of:)`` reads them; all of them where
  /// `isWhole`.
  package func pairs(isWhole: Bool = false) -> String {
    let standard = Dictionary(
      uniqueKeysWithValues: Self.prototype.texts.map { ($0.key, $0.text) })
    return texts.filter { isWhole || standard[$0.key] != $0.text }
      .map { "\($0.key)=\($0.text)" }.joined(separator: ",")
  }
}

extension SettingError {
  /// The same of a setting inside another one.
  package func inside(_ owner: String) -> SettingError {
    SettingError("\(owner).\(setting)", expected: expected, found: found, hint: hint)
  }
}
