import Files
import MiniCNN
import Platform

/// How another process of this tool ended.
struct Child {
  /// Its exit code, or 128 plus the signal's number.
  let status: Int32
  /// What it reported that an exit code cannot say.
  let reports: [Supervision.Report]
}

extension Child {
  /// How a run ended, judged by the end of its process.
  ///
  /// - Throws: what names the run and the signal that ended it, where that was none that asks for a
  ///   stop; the error in its message file, where it neither finished nor reported that it diverged.
  func end(of task: RunTask) throws -> RunTaskEnd {
    for case .diverged(let reason) in reports where status == Failure.Code.failed.rawValue {
      return .diverged(reason)
    }
    switch status {
    case 0: return .finished
    case 128 + SIGKILL where task.abandonedAfter != nil: return .abandoned
    case 128 + SIGINT, 128 + SIGTERM, 128 + SIGQUIT, 128 + SIGHUP: return .stopped
    case 128...:
      throw Failure(
        .failed, "\(task.title): ended by signal \(status - 128) before it was done".onOneLine)
    default:
      let text = String(decoding: try WholeFile.read(task.messageFile), as: UTF8.self)
      let line = text.split(separator: "\n").last { $0.lowercased().hasPrefix("error: ") }
      throw Failure(
        Failure.Code(rawValue: status) ?? .failed,
        line.map { String($0.dropFirst("error: ".count)) } ?? "training ended with code \(status)")
    }
  }
}
