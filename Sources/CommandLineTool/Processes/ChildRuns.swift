import Files
import ArgumentParser
import MiniCNN
import Platform

/// Makes each run of a sweep or a proof in a process of its own, which a real `kill -9` can end.
final class ChildRuns: RunMaker {
  /// The code to exit with where a run was stopped.
  private(set) var stopCode = ExitCode.failure

  /// The share of the runs to be made that are done, 0 to 1.
  var share = 0.0
  /// One line for all runs, so that the time left covers all of them.
  private var line: ProgressLine?

  /// - Parameter showsTime: whether a terminal shows what is under way and the time left.
  init(showsTime: Bool = false) { line = showsTime ? ProgressLine("") : nil }

  func make(
    _ task: RunTask, _ observer: (RunEvent) throws -> TrainingDecision
  ) throws -> RunTaskEnd {
    line?.title = task.title
    let child = try Child.run(
      ["train"] + Self.flags(task),
      crashAt: task.abandonedAfter.map {
        // A run counts its own steps.
        "\(FaultPoint.step.rawValue):\($0 - (task.resumedFrom ?? 0))"
      }, messages: task.messageFile
    ) { line?.update(share) }
    line?.clear()
    for case .warning(let text) in child.reports { _ = try observer(.warning(.reported(text))) }
    if let code = Interruption.exitCode {
      stopCode = ExitCode(code)
      return .stopped
    }
    let end = try child.end(of: task)
    if end == .stopped { stopCode = ExitCode(child.status) }
    return end
  }

  /// The flags of `train` that stand for a task.
  static func flags(_ task: RunTask) -> [String] {
    var flags =
      task.resumedFrom == nil
      ? [
        "--model=\(task.modelFile)", "--seed=\(task.settings.seed)", "--checkpoint=\(task.file)",
      ] : ["--resume=\(task.file)"]
    let paths = task.data.paths
    require(!paths.isEmpty, "a process reads its data at 1 or 2 paths, not at 0")
    flags +=
      paths.count == 2 ? ["--images=\(paths[0])", "--labels=\(paths[1])"] : ["--data=\(paths[0])"]
    if let validation = task.validation?.paths {
      require(!validation.isEmpty, "a process reads its data at 1 or 2 paths, not at 0")
      flags +=
        validation.count == 2
        ? ["--validation-images=\(validation[0])", "--validation-labels=\(validation[1])"]
        : ["--validation-data=\(validation[0])"]
    }
    if task.options.replacesExisting { flags.append("--overwrite") }
    if let interval = task.options.saveEvery { flags.append("--checkpoint-every=\(interval.text)") }
    if task.options.keep > 0 { flags.append("--keep=\(task.options.keep)") }
    if let steps = task.options.maxSteps { flags.append("--max-steps=\(steps)") }
    if let threads = task.options.threads { flags.append("--threads=\(threads)") }
    return flags
  }
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
