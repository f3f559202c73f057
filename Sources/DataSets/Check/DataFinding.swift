import ImageData

/// What a check of a data set has found.
public struct DataFinding: Equatable, Sendable {
  /// How much it matters.
  public enum Severity: String, Sendable {
    /// The data are damaged, or results with them mislead.
    case wrong
    /// Somebody should look at it.
    case warning
    /// Worth knowing.
    case note
  }

  /// What was looked at.
  public enum Subject: String, CaseIterable, Sendable {
    /// Whether the files are there and sound.
    case files
    /// Whether they are one of the known data sets.
    case identity
    /// How many images there are, and of what size.
    case counts
    /// Whether labels and names fit each other.
    case labels
    /// How many images each class has.
    case balance
    /// Images that are there more than once in one part.
    case duplicates
    /// Test or validation images that are among those to train on.
    case leakage
    /// Images of one shade.
    case constant
    /// Whether digits stand upright, and light on dark.
    case orientation
  }

  /// How much it matters.
  public let severity: Severity
  /// What was looked at.
  public let subject: Subject
  /// The part it concerns; `nil` for several, or the set as a whole.
  public let part: DataSplit?
  /// One sentence.
  public let message: String
  /// How many images it concerns, where they can be counted.
  public let images: Int?
}
