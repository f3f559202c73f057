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
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // First, as one of the files might be opened under its number.
    posix_spawn_file_actions_adddup2(&actions, connection, Supervision.childDescriptor)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions, STDERR_FILENO, messages, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

    // In a process group of its own, so that a signal from the terminal reaches it through this
    // process alone: two signals would end it before it has saved.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)

    let words = ([executablePath] + arguments).map { strdup($0) }
    let variables = environment(crashAt: crashAt).map { strdup($0) }
    defer { for text in words + variables { free(text) } }
    // Where SIGCHLD is ignored, the system keeps no exit status to wait for.
    setSignalHandler(SIGCHLD, SIG_DFL)
    var process = pid_t()
    let code = posix_spawn(
      &process, executablePath, &actions, &attributes, words + [nil], variables + [nil])
    guard code == 0 else { throw .system(code, file: executablePath, action: "run") }
    return process
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
    var variables = ["\(Supervision.variable)=\(Supervision.childDescriptor)"]
    var next = environ
    while let variable = next.pointee {
      let text = String(cString: variable)
      if ![FaultPoint.variable, Supervision.variable].contains(where: { text.hasPrefix("\($0)=") })
      {
        variables.append(text)
      }
      next += 1
    }
    return variables + (crashAt.map { ["\(FaultPoint.variable)=\($0)"] } ?? [])
  }
}
