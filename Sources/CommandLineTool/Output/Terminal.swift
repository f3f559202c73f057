import MiniCNN
import Platform
import Synchronization

/// What the user sees: results on standard output, everything else on standard error.
enum Terminal {
  /// Whether a person watches the messages.
  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

  /// The width of the terminal that messages go to, or `COLUMNS` where that is less; 80 where neither is
  /// known.
  static var columns: Int {
    [terminalColumns(STDERR_FILENO), statedColumns].compactMap(\.self).min() ?? 80
  }

  /// The width that results have to keep to: `COLUMNS`, or else that of the terminal they go to;
  /// `nil` where they go to a file or a pipe, which takes lines of any length.
  static var resultColumns: Int? {
    statedColumns ?? terminalColumns(STDOUT_FILENO)
  }

  private static var statedColumns: Int? {
    environmentVariable("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// Nothing is shown where another process speaks for this one.
  static var isSilent: Bool {
    get { silence.load(ordering: .relaxed) }
    set { silence.store(newValue, ordering: .relaxed) }
  }

  private static let silence = Atomic<Bool>(false)

  /// A line on standard error, in place of one that is drawn.
  static func message(_ text: String) {
    if isDrawn.exchange(false, ordering: .relaxed) { draw("") }
    write(text + "\n", to: STDERR_FILENO)
  }

  /// A line on standard output, at once, so that a reader of a pipe need not wait.
  static func result(_ text: String) {
    let code = write(text + "\n", to: STDOUT_FILENO)
    // A reader that has gone away (a closed pipe) has seen enough; a full disk has not.
    if code != 0 && code != EPIPE { outputError.store(code, ordering: .relaxed) }
  }

  /// The error of the last result that could not be written; 0 where there is none.
  private static let outputError = Atomic<Int32>(0)

  /// Throws where a result has been lost: a command ends with that error, but training does not
  /// stop.
  static func checkResults() throws(FileError) {
    let code = outputError.load(ordering: .relaxed)
    if code != 0 { throw FileError.system(code, file: "standard output", action: "write") }
  }

  /// Draws a line on standard error over the one that was drawn before, as much as fits: a line that
  /// is wrapped could not be drawn over. An empty one clears it.
  static func draw(_ line: String) {
    isDrawn.store(!line.isEmpty, ordering: .relaxed)
    write("\r\u{1B}[K" + Format.shortened(line, to: columns - 1), to: STDERR_FILENO)
  }

  /// Whether a line is drawn that nothing has been written below.
  private static let isDrawn = Atomic<Bool>(false)

  /// Writes all of a text; the value of `errno` where that fails, otherwise 0.
  @discardableResult
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    if isSilent { return 0 }
    do throws(SystemError) {
      try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(SystemError) in
        try writeFully(descriptor, UnsafeRawBufferPointer(bytes))
      }
      return 0
    } catch {
      return error.code
    }
  }
}
