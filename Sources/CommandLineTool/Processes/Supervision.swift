import Files
import MiniCNN
import Platform

/// The connection between a run and the command that started it (``Child``): the run reports what
/// an exit code cannot say, and stops when nobody listens any more because the other was killed.
enum Supervision {
  /// The environment variable that names the descriptor of the run's end.
  static let variable = "MINICNN_SUPERVISOR"
  /// The descriptor that a run is started with.
  static let childDescriptor: Int32 = 3

  /// What a run says.
  enum Report: Equatable {
    case warning(String)
    case diverged(String)
    /// The share of the run that is done, 0 to 1.
    case progress(Double)

    /// The line that says it.
    var line: String {
      switch self {
      case .warning(let text): "warning \(text.onOneLine)\n"
      case .diverged(let text): "diverged \(text.onOneLine)\n"
      case .progress(let share): "progress \(share)\n"
      }
    }

    /// Reads a line.
    init?(line: some StringProtocol) {
      guard let space = line.firstIndex(of: " ") else { return nil }
      let text = String(line[line.index(after: space)...])
      switch line[..<space] {
      case "warning": self = .warning(text)
      case "diverged": self = .diverged(text)
      case "progress":
        guard let share = Double(text), (0...1).contains(share) else { return nil }
        self = .progress(share)
      default: return nil
      }
    }
  }

  /// The run's end; `nil` where a user started it.
  private static let descriptor: Int32? = {
    guard let number = environmentVariable(variable).flatMap({ Int32($0) }) else { return nil }
    var status = stat()
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return number
  }()

  /// Whether a command started this process.
  static var isSupervised: Bool { descriptor != nil }

  /// Makes this process stop, as on SIGTERM, when the one that started it is gone.
  static func begin() throws(FileError) {
    guard descriptor != nil else { return }
    do throws(SystemError) {
      let thread = try startThread({ _ in
        Supervision.waitForEnd()
        // Not by a signal: where the other has passed one on before, it would be the second.
        Interruption.stop()
        return nil
      })
      pthread_detach(thread)
    } catch {
      throw .system(error.code, file: "the run", action: "watch over")
    }
  }

  /// Nothing is ever sent to a run, so all there is to read is the end.
  private static func waitForEnd() {
    guard let descriptor else { return }
    var byte: UInt8 = 0
    withUnsafeMutableBytes(of: &byte) { _ = try? readFully(descriptor, into: $0) }
  }

  /// Reports to the command that started this process, if one did.
  static func report(_ report: Report) {
    guard let descriptor else { return }
    if case .progress = report, !canWrite(descriptor) { return }
    Array(report.line.utf8).withUnsafeBufferPointer {
      // Where it does not listen any more, it need not know.
      try? writeFully(descriptor, UnsafeRawBufferPointer($0))
    }
  }

  /// Whether a line can be written at once. A command that a user has suspended reads nothing, and its run
  /// goes on.
  private static func canWrite(_ descriptor: Int32) -> Bool {
    var status = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&status, 1, 0) == 1 && status.revents & Int16(POLLOUT) != 0
  }
}
