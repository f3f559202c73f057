import MiniCNN
import Platform

/// This tool once more, in a process of its own.
enum Child {
  /// Runs it with these arguments, silent but for a file of its messages, and returns how it ended:
  /// its exit code, or 128 and the number of the signal. Meanwhile `wait` is called again and again.
  static func run(
    _ arguments: [String], crashAt: String? = nil, messages: String, wait: () -> Void = {}
  ) throws(FileError) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions, STDERR_FILENO, messages, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

    // In a group of its own, a signal that the terminal sends to all of this one's reaches it through
    // this process alone: two would end it before it has saved.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)

    let words = ([executablePath] + arguments).map { strdup($0) }
    let variables = environment(crashAt: crashAt).map { strdup($0) }
    defer { for text in words + variables { free(text) } }
    // Where a parent ignores the ends of its children, the system keeps none to be told of.
    setSignalHandler(SIGCHLD, SIG_DFL)
    var process = pid_t()
    let code = posix_spawn(
      &process, executablePath, &actions, &attributes, words + [nil], variables + [nil])
    guard code == 0 else { throw .system(code, file: executablePath, action: "run") }
    var status: Int32 = 0
    var isStopped = false
    while true {
      let ended = waitpid(process, &status, WNOHANG)
      if ended == process { break }
      guard ended == 0 || errno == EINTR else {
        throw .system(errno, file: executablePath, action: "wait for")
      }
      // A signal that came to this process is passed on, once.
      if Interruption.exitCode != nil, !isStopped {
        kill(process, SIGTERM)
        isStopped = true
      }
      wait()
      usleep(5000)
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  /// The warnings in a file of messages.
  static func warnings(_ messages: String) throws(FileError) -> [String] {
    String(decoding: try WholeFile.read(messages), as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("warning: ") }.map(String.init)
  }

  /// What a run said, in its file of messages, that did not end as it should.
  static func failure(_ status: Int32, messages: String) throws(FileError) -> Failure {
    let text = String(decoding: try WholeFile.read(messages), as: UTF8.self)
    let line = text.split(separator: "\n").last { $0.lowercased().hasPrefix("error: ") }
    return Failure(
      Failure.Code(rawValue: status) ?? .failed,
      line.map { String($0.dropFirst("error: ".count)) } ?? "training ended with code \(status)")
  }

  /// The environment of this process, with the place where the child is to die.
  private static func environment(crashAt: String?) -> [String] {
    var variables: [String] = []
    var next = environ
    while let variable = next.pointee {
      let text = String(cString: variable)
      if !text.hasPrefix("\(FaultPoint.variable)=") { variables.append(text) }
      next += 1
    }
    return variables + (crashAt.map { ["\(FaultPoint.variable)=\($0)"] } ?? [])
  }
}
