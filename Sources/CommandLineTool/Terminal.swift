import MiniCNN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the user sees: results on standard output, everything else on standard error.
enum Terminal {
  /// Whether a person watches the messages.
  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

  /// The width of the terminal; 80 where it does not say.
  static var columns: Int {
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  /// A line on standard error.
  static func message(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// A line on standard output, at once, so that a reader of a pipe need not wait.
  static func result(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// Text on standard error without an end of line: a bar that is drawn over itself.
  static func draw(_ text: String) { write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { unistdWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      // A reader that has gone away (a closed pipe) does not stop training.
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func unistdWrite(
    _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes, count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes, count)
    #else
      Darwin.write(descriptor, bytes, count)
    #endif
  }
}
