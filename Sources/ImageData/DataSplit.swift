/// The two parts of an MNIST-format data set.
public enum DataSplit: String, CaseIterable, Sendable {
  /// What the model learns from.
  case train
  /// What the finished model is judged by.
  case test

  /// How the names of its files may begin, in the order in which they are looked for.
  var fileNamePrefixes: [String] {
    switch self {
    case .train: ["train"]
    case .test: ["t10k", "test"]
    }
  }
}
