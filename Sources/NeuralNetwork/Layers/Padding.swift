/// What surrounds an image before a kernel or window slides over it.
public enum Padding: Hashable, Sendable {
  /// Nothing: the window stays inside.
  case valid
  /// As much as makes the output ⌈input / stride⌉ large; where that is odd, the extra row or column
  /// is at the bottom or right (Keras's rule).
  case same
  /// This many rows and columns.
  case explicit(top: Int, bottom: Int, left: Int, right: Int)

  /// The same number of rows and columns on all four sides.
  public static func all(_ count: Int) -> Padding {
    .explicit(top: count, bottom: count, left: count, right: count)
  }

  /// The padding before and after, along one axis.
  package func amounts(input: Int, extent: Int, stride: Int, vertical: Bool) -> (
    before: Int, after: Int
  ) {
    switch self {
    case .valid: return (0, 0)
    case .same:
      let outputs = (input + stride - 1) / stride
      let total = max((outputs - 1) * stride + extent - input, 0)
      return (total / 2, total - total / 2)
    case .explicit(let top, let bottom, let left, let right):
      return vertical ? (top, bottom) : (left, right)
    }
  }
}

extension Padding: SettingValue {
  /// One of Keras's two, or numbers.
  public static var form: String { "valid, same, a number, or [top, bottom, left, right]" }
  /// `valid`, `same`, or the four numbers.
  public var text: String {
    switch self {
    case .valid: "valid"
    case .same: "same"
    case .explicit(let top, let bottom, let left, let right):
      "[\(top), \(bottom), \(left), \(right)]"
    }
  }

  /// Reads one of Keras's two, one number for all sides, or four in brackets.
  public static func value(_ text: String, of key: String) throws(SettingError) -> Padding {
    switch (text, text.wholeNumbers) {
    case ("valid", _): return .valid
    case ("same", _): return .same
    case (_, (let numbers, false)?): return .all(numbers[0])
    case (_, (let sides, true)?) where sides.count == 4:
      return .explicit(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3])
    default: throw SettingError(key, expected: form, found: text)
    }
  }
}
