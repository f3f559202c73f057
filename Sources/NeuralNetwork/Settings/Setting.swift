/// One thing that can be set of an owner, stated once: reading, writing, checking, flags, help and
/// documentation follow from it.
///
/// The default is what the owner's prototype has, so it is stated nowhere else.
public struct Setting<Owner: Sendable>: Sendable {
  /// What can be said of a setting without its owner.
  public private(set) var about: SettingDescription
  /// Reads a text into an owner.
  package let read: @Sendable (_ text: String, inout Owner) throws(SettingError) -> Void
  /// The text of an owner's value.
  package let text: @Sendable (Owner) -> String
  /// Throws where an owner's value is out of its range.
  package let check: @Sendable (Owner) throws(SettingError) -> Void
  /// Where it is a list of layers, or several; it has no text then.
  package let layers: LayerLists<Owner>?

  /// The key in a model file; the flag is the same with dashes.
  public var key: String { about.key }

  /// A property of any type that has a text.
  ///
  /// - Parameters:
  ///   - standard: the text for the default where it follows from other settings.
  public init<Value: SettingValue>(
    _ key: String, _ path: WritableKeyPath<Owner, Value> & Sendable,
    default standard: String? = nil,
    _ help: String
  ) {
    about = SettingDescription(
      key: key, values: Value.form, choices: Value.choices, innerKeys: Value.innerKeys,
      isStructured: !Value.innerKeys.isEmpty,
      isSwitch: Value.self == Bool.self, off: Value.off, standard: standard, help: help)
    read = { (text, owner) throws(SettingError) in
      owner[keyPath: path] = try Value.value(text, of: key)
    }
    text = { $0[keyPath: path].text }
    check = { (owner) throws(SettingError) in try owner[keyPath: path].check(of: key) }
    layers = nil
  }

  /// A property with bounds.
  public init<Value: SettingValue>(
    _ key: String, _ path: WritableKeyPath<Owner, Value> & Sendable, _ bounds: Bounds<Value>,
    default standard: String? = nil, _ help: String
  ) {
    let zero = try? Value.value("0", of: key)
    about = SettingDescription(
      key: key, values: bounds.description,
      off: zero.flatMap { bounds.contains($0) ? $0.text : nil }, standard: standard, help: help)
    about.number = .init(Value.self)
    let check = Self.check(key, bounds)
    let canBeZero = zero.map(bounds.contains) ?? false
    read = { (text, owner) throws(SettingError) in
      let value = canBeZero && text == "none" ? "0" : text
      owner[keyPath: path] = try Self.read(value, key, bounds)
      try check(owner[keyPath: path])
    }
    text = { $0[keyPath: path].text }
    self.check = { (owner) throws(SettingError) in try check(owner[keyPath: path]) }
    layers = nil
  }

  /// A property that may be none, with bounds for its other values.
  public init<Value: SettingValue>(
    _ key: String, _ path: WritableKeyPath<Owner, Value?> & Sendable, _ bounds: Bounds<Value>,
    default standard: String? = nil, _ help: String
  ) {
    about = SettingDescription(
      key: key, values: bounds.description, off: "none", standard: standard, help: help)
    about.number = .init(Value.self)
    let check = Self.check(key, bounds)
    read = { (text, owner) throws(SettingError) in
      let value: Value? = text == "none" ? nil : try Self.read(text, key, bounds)
      if let value { try check(value) }
      owner[keyPath: path] = value
    }
    text = { $0[keyPath: path].text }
    self.check = { (owner) throws(SettingError) in
      if let value = owner[keyPath: path] { try check(value) }
    }
    layers = nil
  }

  /// A property whose texts are read and written by functions of its own.
  ///
  /// - Parameters:
  ///   - choices: the texts, or what they begin with before a colon.
  ///   - isStructured: whether a text is made of settings of its own.
  ///   - off: the text that stands for doing without, where there is such.
  ///   - check: throws where an owner's value is out of its range.
  public init(
    _ key: String, values: String, choices: [String] = [], isStructured: Bool = false,
    off: String? = nil, default standard: String? = nil, _ help: String,
    read: @escaping @Sendable (String, inout Owner) throws(SettingError) -> Void,
    text: @escaping @Sendable (Owner) -> String,
    check: @escaping @Sendable (Owner) throws(SettingError) -> Void = { _ in }
  ) {
    about = SettingDescription(
      key: key, values: values, choices: choices, isStructured: isStructured, off: off,
      standard: standard, help: help)
    self.read = read
    self.text = text
    self.check = check
    layers = nil
  }

  /// Lists of layers, which are no text.
  package init(_ key: String, values: String, _ help: String, layers: LayerLists<Owner>) {
    about = SettingDescription(key: key, values: values, standard: "none", help: help)
    read = { (text, _) throws(SettingError) in
      throw SettingError(key, expected: values, found: text)
    }
    text = { _ in "" }
    check = { (_) throws(SettingError) in }
    self.layers = layers
  }

  /// The same, but it has to be stated: the prototype's value is no default.
  public func required() -> Setting {
    var setting = self
    setting.about.isRequired = true
    return setting
  }

  /// The same with a rule for runs that are resumed.
  public func onResume(_ rule: SettingDescription.ResumeRule) -> Setting {
    var setting = self
    setting.about.onResume = rule
    return setting
  }

  private static func check<Value: SettingValue>(
    _ key: String, _ bounds: Bounds<Value>
  ) -> @Sendable (Value) throws(SettingError) -> Void {
    { (value) throws(SettingError) in
      guard bounds.contains(value) else {
        throw SettingError(key, expected: bounds.description, found: value.text)
      }
    }
  }

  private static func read<Value: SettingValue>(
    _ text: String, _ key: String, _ bounds: Bounds<Value>
  ) throws(SettingError) -> Value {
    do throws(SettingError) {
      return try Value.value(text, of: key)
    } catch {
      var error = error
      // Says only once that it is a number.
      if !bounds.description.hasPrefix(Value.form) {
        error.expected += ", \(bounds.description)"
      } else {
        error.expected = bounds.description
      }
      throw error
    }
  }
}

/// What help and documentation say of a setting.
public struct SettingDescription: Sendable, Equatable {
  /// What a resumed run does with a value that is stated anew.
  public enum ResumeRule: Sendable {
    /// The tool refuses it; a program may weigh the steps to come in another way.
    case kept
    /// It is refused: the steps of a run are made of it.
    case fixed
    /// It is taken: the run becomes longer.
    case extends
  }

  /// Numbers that a setting may be.
  public enum Number: Sendable {
    case whole, real

    init?(_ type: (some SettingValue).Type) {
      if type is any BinaryInteger.Type {
        self = .whole
      } else if type is any BinaryFloatingPoint.Type {
        self = .real
      } else {
        return nil
      }
    }
  }

  /// The key in a model file; the flag is the same with dashes.
  public let key: String
  /// What its values look like: `1 to 65536`, "true or false".
  public let values: String
  /// All values, where they are few.
  public var choices: [String] = []
  /// The keys inside of it, where it is made of settings of its own.
  public var innerKeys: [String] = []
  /// Whether its texts are made of settings of their own.
  public var isStructured = false
  /// Whether it is true or false.
  public var isSwitch = false
  /// What kind of number within bounds it is; `nil` where it is none.
  public package(set) var number: Number?
  /// Whether it has to be stated, and has no default.
  public package(set) var isRequired = false
  /// The text that means none, where there is one.
  public var off: String?
  /// What the default is.
  public var standard: String?
  /// What a resumed run does with it.
  public package(set) var onResume = ResumeRule.kept
  /// The kinds of its owner that have it, where not all have.
  public var owners: [String] = []
  /// A line of help.
  public let help: String
}

extension SettingDescription {
  /// The default as it is shown: `cosine:final=0` for `cosine:final=0.0`.
  package var shortStandard: String { shortened(standard ?? "") }
}

/// A text of settings without the decimals of whole numbers.
package func shortened(_ text: String) -> String {
  text.split(separator: ",", omittingEmptySubsequences: false)
    .map { $0.hasSuffix(".0") ? $0.dropLast(2) : $0 }.joined(separator: ",")
}
