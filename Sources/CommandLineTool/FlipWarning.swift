import MiniCNN

extension Augmentation {
  /// Says so where images are mirrored and nothing that was found shows that their classes survive
  /// it.
  func warn(of data: LabelledData) {
    guard let flip, let doubt = data.doubtAboutClasses else { return }
    Terminal.message(
      "warning: augmentation: flip=\(flip.rawValue): \(doubt); a mirrored shirt is a shirt, but a"
        + " mirrored 2 is no digit")
  }
}

extension LabelledData {
  /// What is known of the classes, where it is not their names in words.
  fileprivate var doubtAboutClasses: String? {
    guard let classNames else {
      return paths.count == 1
        ? "\(paths[0]) has no classes.txt to say what the classes are"
        : "nothing says what the classes are"
    }
    return classNames.names.allSatisfy { Int($0) != nil }
      ? "\(paths[0])'s classes.txt names the classes by numbers" : nil
  }
}
