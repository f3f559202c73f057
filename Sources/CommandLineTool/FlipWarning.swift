import MiniCNN

extension Augmentation {
  /// Says so where images are mirrored and nothing that was found shows that their classes survive
  /// it.
  func warn(of data: LabelledData) {
    if let warning = flipWarning(for: data) { Terminal.message("warning: \(warning)") }
  }
}
