import MiniCNN
import Platform

extension DataReference {
  /// What messages call it.
  fileprivate var name: String {
    paths.isEmpty ? "data whose place the file does not say" : paths.joined(separator: ", ")
  }
}

/// Warns where a model is measured on the images it learnt from, or on those of other data.
struct Familiarity {
  private let data: LabelledData
  /// The digest of the images that the folder has for training; empty where it has none.
  private var training: String?

  init(_ data: LabelledData) { self.data = data }

  /// Warns where these are the images that a model learnt from, whose accuracy is no test, and where
  /// they belong to other data.
  mutating func warn(of checkpoint: Checkpoint, file: String) {
    guard let learnt = checkpoint.data else { return }
    if learnt.sha256 == data.reference.sha256 {
      Terminal.message(
        "warning: \(file) was trained on these very images; they do not tell how it does on"
          + " new ones")
    } else if data.paths.count == 1, !isSameFolder(learnt.paths), isOther(learnt.sha256) {
      Terminal.message(
        "warning: \(file) was trained on \(learnt.name), not on the training"
          + " images of \(data.paths[0]): this is its accuracy on other data")
    }
  }

  private func isSameFolder(_ paths: [String]) -> Bool {
    var (one, other) = (stat(), stat())
    return paths == data.paths
      || paths.count == 1 && stat(paths[0], &one) == 0 && stat(data.paths[0], &other) == 0
        && one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }

  /// Whether the folder has images for training, and others than those of a digest.
  private mutating func isOther(_ sha256: String) -> Bool {
    let known =
      training ?? (try? LabelledData(paths: data.paths, split: .train).reference.sha256) ?? ""
    training = known
    return known != sha256 && !known.isEmpty
  }
}
