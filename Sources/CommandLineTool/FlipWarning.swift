import MiniCNN

extension Augmentation {
  /// Warns where images are mirrored and nothing shows that their classes survive it.
  func warn(of data: LabelledData) {
    if let warning = flipWarning(for: data) { Terminal.message("warning: \(warning)") }
  }
}
