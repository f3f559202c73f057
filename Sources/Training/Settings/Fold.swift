import NeuralNetwork

/// One of the equal parts into which cross-validation cuts the training samples: it validates, and the
/// others train.
public struct Fold: Hashable, Sendable {
  /// Its number, counted from 1.
  public let number: Int
  /// The number of folds, from 2.
  public let count: Int

  /// How many folds there may be.
  public static let counts = 2...1000

  /// Fold `number` of `count`; `nil` where there is no such.
  public init?(_ number: Int, of count: Int) {
    guard Self.counts.contains(count), (1...count).contains(number) else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Whether it holds the sample at a place, counted from 0, of an order: it holds every `count`-th. So all
  /// folds together hold each sample once, and their sizes differ by at most one.
  func contains(place: Int) -> Bool { place % count == number - 1 }
}

extension Fold: SettingValue {
  /// A number and how many there are, with a slash.
  public static var form: String {
    "a fold's number and that of all, \(counts.lowerBound) to \(counts.upperBound), such as 2/5"
  }
  /// The text that is read back as this value: `2/5`.
  public var text: String { "\(number)/\(count)" }

  /// Reads a text such as `2/5`.
  public static func value(_ text: String, of key: String) throws(SettingError) -> Fold {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { Int(Substring($0)) }
    guard parts.count == 2, let number = parts[0], let count = parts[1],
      let fold = Fold(number, of: count)
    else { throw SettingError(key, expected: form, found: text) }
    return fold
  }
}
