/// What somebody should look at in a data set that was imported.
public enum ImportWarning: Equatable, Sendable, CustomStringConvertible {
  /// Digits whose rows and columns seem to be exchanged.
  case transposedDigits
  /// A source at this path that is named as EMNIST is, and was left as it is.
  case namedEMNIST(String)
  /// No image is of class 0; this is the lowest label.
  case noClassZero(lowest: Int)
  /// So many files that are no pictures by their names, such as this one.
  case leftOut(Int, such: String)

  /// One line.
  public var description: String {
    switch self {
    case .transposedDigits: "the digits look transposed"
    case .namedEMNIST(let path):
      "\(path) is named as EMNIST is, whose images are transposed; they were left so"
    case .noClassZero(let lowest):
      "no image is of \(lowest == 1 ? "class 0" : "a class below \(lowest)"), as if labels began at"
        + " \(lowest)"
    case .leftOut(let count, let example):
      count == 1
        ? "\(example) is no picture by its name and was left out"
        : "\(count) files are no pictures by their names and were left out, such as \(example)"
    }
  }
}
