/// A value that a setting can have: something with one text, the same in model files, in flags and in
/// messages.
public protocol SettingValue: Sendable, Equatable {
  /// What its texts look like: "a whole number".
  static var form: String { get }
  /// All texts there are, where they are few.
  static var choices: [String] { get }
  /// The text that means none, where there is one.
  static var off: String? { get }
  /// The keys inside of it, where it is made of settings of its own.
  static var innerKeys: [String] { get }

  /// Reads a text; `key` is what an error names.
  static func value(_ text: String, of key: String) throws(SettingError) -> Self
  /// The text that is read back as this value.
  var text: String { get }
  /// Throws where it is made of settings of its own, and one of them is out of its range.
  func check(of key: String) throws(SettingError)
}

extension SettingValue {
  /// Empty by default: too many to list.
  public static var choices: [String] { [] }
  /// `nil` by default: there is always a value.
  public static var off: String? { nil }
  /// Empty by default: no settings of its own.
  public static var innerKeys: [String] { [] }

  /// Accepts every value by default.
  public func check(of key: String) throws(SettingError) {}
}

extension SettingValue where Self: LosslessStringConvertible {
  /// The text as Swift writes and reads it.
  public var text: String { description }

  /// Reads a text as Swift writes it.
  public static func value(_ text: String, of key: String) throws(SettingError) -> Self {
    guard let value = Self(text) else { throw SettingError(key, expected: form, found: text) }
    return value
  }
}

extension Int: SettingValue {
  /// A whole number.
  public static var form: String { "a whole number" }
}

extension UInt64: SettingValue {
  /// A whole number from 0.
  public static var form: String { "a whole number from 0 to \(UInt64.max)" }
}

extension Float: SettingValue {
  /// A number.
  public static var form: String { "a number" }
}

extension Double: SettingValue {
  /// A number.
  public static var form: String { "a number" }
}

extension Bool: SettingValue {
  /// True or false.
  public static var form: String { "true or false" }
  /// `true` and `false`.
  public static var choices: [String] { ["true", "false"] }
  /// `false` means none.
  public static var off: String? { "false" }
}

extension SettingValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  /// The cases' names.
  public static var choices: [String] { allCases.map(\.rawValue) }
  /// One of the cases' names.
  public static var form: String { "one of \(choices.joined(separator: ", "))" }
  /// The case's name.
  public var text: String { rawValue }

  /// Finds the case of a name.
  public static func value(_ text: String, of key: String) throws(SettingError) -> Self {
    guard let value = Self(rawValue: text) else {
      throw SettingError(
        key, expected: form, found: text, hint: choices.closest(to: text))
    }
    return value
  }
}

extension Optional: SettingValue where Wrapped: SettingValue {
  /// The wrapped value's, or none.
  public static var form: String { "none or \(Wrapped.form)" }
  /// The wrapped value's, and none, where they are few.
  public static var choices: [String] {
    Wrapped.choices.isEmpty ? [] : ["none"] + Wrapped.choices
  }
  /// `none`.
  public static var off: String? { "none" }
  /// The wrapped value's keys.
  public static var innerKeys: [String] { Wrapped.innerKeys }
  /// The wrapped value's, or `none`.
  public var text: String { map(\.text) ?? "none" }

  /// Reads `none`, or what the wrapped type reads.
  public static func value(_ text: String, of key: String) throws(SettingError) -> Wrapped? {
    text == "none" ? Wrapped?.none : .some(try Wrapped.value(text, of: key))
  }
}
