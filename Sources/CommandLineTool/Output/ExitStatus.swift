/// The exit codes of every command: from 64 as sysexits.h names them, from 129 as shells count signals.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case failed = 1
  case usage = 64
  case data = 65
  case noInput = 66
  case inputOutput = 74
  case hangup = 129
  case interrupt = 130
  case quit = 131
  case termination = 143

  /// What it tells a script, in a few words.
  var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "training or a check failed"
    case .usage: "wrong usage"
    case .data: "bad data"
    case .noInput: "missing input"
    case .inputOutput: "input or output failed"
    case .hangup: "the terminal was closed, the state is saved"
    case .interrupt: "Ctrl-C, the state is saved"
    case .quit: "Ctrl-\\, the state is saved"
    case .termination: "SIGTERM, the state is saved"
    }
  }

  /// A line for each, for the help.
  static var lines: [String] {
    allCases.map { status in
      let number = String(status.rawValue)
      return number + String(repeating: " ", count: 5 - number.count) + status.meaning
    }
  }
}
