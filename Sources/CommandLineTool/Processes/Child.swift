import Files
import MiniCNN
import Platform

/// Another process of this tool, which ends when this one does.
struct Child {
  /// How it ended: its exit code, or 128 plus the signal's number.
  let status: Int32
  /// What it reported that an exit code cannot say.
  let reports: [Supervision.Report]

  /// Runs the tool with these arguments; its messages go to a file, its results nowhere. Meanwhile
  /// `wait` is called again and again.
  static func run(
    _ arguments: [String], crashAt: String? = nil, messages: String, wait: () -> Void = {}
  ) throws(FileError) -> Child {
    let connection: (own: Int32, child: Int32)
    do throws(SystemError) {
      connection = try connectedSockets()
    } catch {
      throw .system(error.code, file: executablePath, action: "connect to")
    }
    defer { close(connection.own) }
    _ = fcntl(connection.own, F_SETFL, O_NONBLOCK)
    let process = try start(
      arguments, crashAt: crashAt, messages: messages, connection: connection.child)
    var said: [UInt8] = []
    var status: Int32 = 0
    var isStopped = false
    while true {
      let ended = waitpid(process, &status, WNOHANG)
      receive(connection.own, &said)
      if ended == process { break }
      guard ended == 0 || errno == EINTR else {
        throw .system(errno, file: executablePath, action: "wait for")
      }
      // A signal to this process is passed on, once.
      if Interruption.exitCode != nil, !isStopped {
        kill(process, SIGTERM)
        isStopped = true
      }
      wait()
      usleep(5000)
    }
    let signal = status & 0x7F
    return Child(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
      reports: String(decoding: said, as: UTF8.self).split(separator: "\n")
        .compactMap { Supervision.Report(line: $0) })
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
  private static func receive(_ descriptor: Int32, _ said: inout [UInt8]) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &bytes, bytes.count)
      guard count > 0 else { return }
      said += bytes[..<count]
    }
  }

  /// The environment of this process, with the point at which the child is to die.
  private static func environment(crashAt: String?) -> [String] {
    let own = [FaultPoint.variable, Supervision.variable]
    let variables =
      ["\(Supervision.variable)=\(Supervision.childDescriptor)"]
      + environmentEntries.filter { entry in !own.contains { entry.hasPrefix("\($0)=") } }
    return variables + (crashAt.map { ["\(FaultPoint.variable)=\($0)"] } ?? [])
  }
}
