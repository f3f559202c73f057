import MiniCNN

/// A reader that is handed whatever bytes there are.
protocol FuzzTarget {
  /// Sound files, to be changed.
  var seeds: [[UInt8]] { get }

  /// Reads the bytes as a file; whether they are one. A file that is refused is refused with one
  /// line of text: anything else ends the program.
  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool
}

extension FuzzTarget {
  func reads(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { reads($0) } }
}

/// Ends the program where a message is no line that could be printed.
func check(_ message: String) {
  precondition(
    !message.isEmpty && !message.contains { $0.isNewline }, "no line: \(message.debugDescription)")
}

/// Makes the memory of a training, and one step of it: whatever model and state there are, it does or
/// says with one line of text why not.
func makeStep(_ state: TrainingState, _ settings: TrainingSettings, _ data: ImageSet) {
  do {
    try Trainer(state, settings: settings, data: data, threads: 1).run { _ in .stop }
  } catch {
    check("\(error)")
  }
}
