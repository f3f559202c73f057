/// A height and a width: the extents of a kernel, a window, a stride or a dilation.
public struct Extent2D: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// A height and a width.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(integerLiteral side: Int) { self.init(side, side) }

  /// What a kernel of this extent covers whose elements are so far apart.
  func spread(by dilation: Extent2D) -> Extent2D {
    Extent2D((height - 1) * dilation.height + 1, (width - 1) * dilation.width + 1)
  }

  /// `3×3`.
  public var description: String { "\(height)×\(width)" }
}

extension Extent2D: SettingValue {
  /// One number for both, or two.
  public static var form: String { "a number, or [height, width]" }
  /// `3`, or `[2, 3]` where the two differ.
  public var text: String { height == width ? "\(height)" : "[\(height), \(width)]" }

  /// Reads a side, or a height and a width in brackets.
  public static func value(_ text: String, of key: String) throws(SettingError) -> Extent2D {
    switch text.wholeNumbers {
    case (let numbers, false)? where numbers.count == 1: return Extent2D(numbers[0], numbers[0])
    case (let numbers, true)? where numbers.count == 2: return Extent2D(numbers[0], numbers[1])
    default: throw SettingError(key, expected: form, found: text)
    }
  }
}

extension String {
  /// The numbers of a text: one alone, or several in brackets; `nil` where it is something else.
  var wholeNumbers: (numbers: [Int], isList: Bool)? {
    if let number = Int(self) { return ([number], false) }
    guard hasPrefix("["), hasSuffix("]") else { return nil }
    var numbers: [Int] = []
    for part in dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false) {
      let digits = part.drop { $0 == " " }.prefix { $0 != " " }
      guard let number = Int(digits) else { return nil }
      numbers.append(number)
    }
    return (numbers, true)
  }
}
