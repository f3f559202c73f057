/// A setting whose value makes no sense, alone or with the data.
public struct SettingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The setting's key, as a model file states it; a key inside of it comes after a period:
  /// `augmentation.shift`.
  public var setting: String
  /// What it has to be.
  public var expected: String
  /// What it is.
  public var found: String
  /// What the reader might try.
  public var hint: String?

  /// Creates an error; see the properties.
  public init(_ setting: String, expected: String, found: String, hint: String? = nil) {
    self.setting = setting
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// One line: `batch_size: expected 1 to 65536, found 0`.
  public var description: String {
    "\(setting): expected \(expected), found \(found)" + (hint.map { "; \($0)" } ?? "")
  }
}
