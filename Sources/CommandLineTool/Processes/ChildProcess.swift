import Files
import MiniCNN
import Platform

/// Another process of this tool, which ends when this one does.
final class ChildProcess {
  /// What it has reported that an exit code cannot say.
  private(set) var reports: [Supervision.Report] = []
  /// The share of its work that it has done, 0 to 1, as far as it has said.
  private(set) var progress = 0.0

  private let process: pid_t
  private let connection: Int32
  /// What it has said of the line that is not at its end.
  private var said: [UInt8] = []
  /// How it ended, once it has.
  private var status: Int32?
  private var isStopped = false

  /// Starts the tool with these arguments; its messages go to a file, its results nowhere.
  init(_ arguments: [String], crashAt: String? = nil, messages: String) throws(FileError) {
    let connection: (own: Int32, child: Int32)
    do throws(SystemError) {
      connection = try connectedSockets()
    } catch {
      throw .system(error.code, file: executablePath, action: "connect to")
    }
    _ = fcntl(connection.own, F_SETFL, O_NONBLOCK)
    self.connection = connection.own
    do throws(FileError) {
      process = try Self.start(
        arguments, crashAt: crashAt, messages: messages, connection: connection.child)
    } catch {
      close(connection.own)
      throw error
    }
  }

  /// Where the process has not ended, it does so now that nobody listens any more.
  deinit { close(connection) }

  /// How it ended: its exit code, or 128 plus the signal's number; `nil` while it has not.
  func poll() throws(FileError) -> Int32? {
    if let status { return status }
    var code: Int32 = 0
    let ended = waitpid(process, &code, WNOHANG)
    let failure = errno
    receive()
    if ended == process {
      let signal = code & 0x7F
      status = signal == 0 ? (code >> 8) & 0xFF : 128 + signal
    } else if ended != 0, failure != EINTR {
      throw .system(failure, file: executablePath, action: "wait for")
    }
    return status
  }

  /// Asks it to end with its state saved; once, as the second signal would end it at once.
  func stop() {
    guard !isStopped, status == nil else { return }
    isStopped = true
    kill(process, SIGTERM)
  }

  /// Starts the process, which then holds the only open copy of its end of the connection.
  private static func start(
    _ arguments: [String], crashAt: String?, messages: String, connection: Int32
  ) throws(FileError) -> pid_t {
    defer { close(connection) }
    // Where a parent ignores the ends of its children, the system keeps none to be told of.
    setSignalHandler(SIGCHLD, SIG_DFL)
    do throws(SystemError) {
      // In a group of its own, a signal that the terminal sends to all of this one's reaches it through
      // this process alone: two would end it before it has saved.
      return try spawn(
        executablePath, arguments, environment: environment(crashAt: crashAt),
        files: [
          // First, as one of the files might be opened in its place.
          (Supervision.childDescriptor, .descriptor(connection)),
          (STDIN_FILENO, .path("/dev/null", flags: O_RDONLY)),
          (STDOUT_FILENO, .path("/dev/null", flags: O_WRONLY)),
          (STDERR_FILENO, .path(messages, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)),
        ])
    } catch {
      throw .system(error.code, file: executablePath, action: "run")
    }
  }

  /// Reads what was reported since the last call.
  private func receive() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(connection, &bytes, bytes.count)
      guard count > 0 else { break }
      said += bytes[..<count]
    }
    guard let end = said.lastIndex(of: UInt8(ascii: "\n")) else { return }
    for line in said[..<end].split(separator: UInt8(ascii: "\n")) {
      switch Supervision.Report(line: String(decoding: line, as: UTF8.self)) {
      case .progress(let share)?: progress = share
      case let report?: reports.append(report)
      case nil: break
      }
    }
    said.removeSubrange(...end)
  }

  /// The environment of this process, with the point at which the child is to die, and without what would
  /// make it take itself for one of the processes of a parallel program.
  private static func environment(crashAt: String?) -> [String] {
    let own = [FaultPoint.variable, Supervision.variable]
    let variables = environmentEntries.filter { entry in
      let name = String(entry.unicodeScalars.prefix { $0 != "=" })
      return !own.contains(name) && !LauncherVariables.isLauncherVariable(name)
    }
    return variables + ["\(Supervision.variable)=\(Supervision.childDescriptor)"]
      + (crashAt.map { ["\(FaultPoint.variable)=\($0)"] } ?? [])
  }
}
