/// What a name can stand for.
enum InstalledKind {
  /// A model file.
  case model
  /// A checkpoint.
  case weights
  /// A folder with a data set.
  case data

  /// The folder of an installation that has them.
  var folder: String { self == .data ? "Datasets" : "Models" }

  /// What follows the name in that of the file.
  var suffix: String {
    switch self {
    case .model: ".yaml"
    case .weights: ".weights.h5"
    case .data: ""
    }
  }

  /// What a path leads to.
  var pathKind: String { self == .data ? "a folder" : "a file" }

  /// What it is called.
  var title: String {
    switch self {
    case .model: "model"
    case .weights: "trained model"
    case .data: "data set"
    }
  }
}
