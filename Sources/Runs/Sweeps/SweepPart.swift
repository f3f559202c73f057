/// A fixed share of a sweep's runs, for a process that shares no files with those that make the others:
/// every `count`-th run, beginning with run `number`.
public struct SweepPart: Sendable, Equatable, CustomStringConvertible {
  /// Its number, counted from 1.
  public let number: Int
  /// The number of parts.
  public let count: Int

  /// How many parts there may be.
  public static let counts = 1...SweepSpec.mostRuns

  /// Part `number` of `count`; `nil` where there is no such.
  public init?(_ number: Int, of count: Int) {
    guard Self.counts.contains(count), (1...count).contains(number) else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Reads a text such as `3/64`; `nil` where it is none.
  public init?(_ text: String) { self.init(text, separator: "/") }

  /// `3/64`.
  public var description: String { "\(number)/\(count)" }

  /// Whether a run, counted from 1, is one of the part's.
  func contains(run: Int) -> Bool { (run - number) % count == 0 }

  private static let folderPrefix = "part-"
  private static let folderSeparator = "-of-"

  /// The name of its folder inside the sweep's.
  var folderName: String { "\(Self.folderPrefix)\(number)\(Self.folderSeparator)\(count)" }

  /// The part whose folder has this name.
  init?(folderName name: String) {
    guard name.utf8.starts(with: Self.folderPrefix.utf8) else { return nil }
    self.init(
      String(name.dropFirst(Self.folderPrefix.count)), separator: Self.folderSeparator)
    // Such as part-01-of-2, which is nobody's.
    guard folderName == name else { return nil }
  }

  private init?(_ text: String, separator: String) {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]) else {
      return nil
    }
    self.init(number, of: count)
  }
}
