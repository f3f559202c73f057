import Files
import ArgumentParser
import MiniCNN
import Platform

/// Makes each run of a sweep or a proof in a process of its own, which a real `kill -9` can end.
final class ChildRuns: RunMaker {
  /// The code to exit with where runs were stopped: that of the signal to this process, or else that of a run
  /// that somebody stopped.
  var stopCode: ExitCode {
    Interruption.exitCode.map { ExitCode($0) } ?? stopOfRun ?? .failure
  }
  private var stopOfRun: ExitCode?

  /// How many of the runs to be made are done, and how many there are.
  var made = (done: 0, of: 1)
  /// One line for all runs, so that the time left covers all of them.
  private var line: ProgressLine?
  /// Those that are made now.
  private var underWay: [ChildRun] = []

  /// - Parameter showsTime: whether a terminal shows what is under way and the time left.
  init(showsTime: Bool = false) { line = showsTime ? ProgressLine("") : nil }

  func begin(_ task: RunTask) throws -> any RunUnderWay {
    let run = try ChildRun(task, of: self)
    underWay.append(run)
    return run
  }

  var isStopped: Bool { Interruption.exitCode != nil }

  func pause() {
    if !underWay.isEmpty {
      line?.title = title
      let shares = underWay.reduce(Double(made.done)) { $0 + $1.progress }
      line?.update(shares / Double(max(made.of, 1)))
    }
    usleep(5000)
  }

  /// The run that is under way, or the numbers of several and how far each has come.
  private var title: String {
    guard underWay.count > 1 else { return underWay.first?.title ?? "" }
    return underWay.map {
      "\($0.title.prefix { $0 != " " }) \(Format.fixed(100 * $0.progress, 0)) %"
    }.joined(separator: ", ")
  }

  /// Takes note of how the process of a run ended.
  fileprivate func end(_ run: ChildRun, status: Int32) {
    underWay.removeAll { $0 === run }
    line?.clear()
    if status > 128 { stopOfRun = ExitCode(status) }
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

/// A run in a process of its own.
private final class ChildRun: RunUnderWay {
  private let task: RunTask
  private let process: ChildProcess
  private unowned let maker: ChildRuns
  /// How many of the process's reports the observer was told of.
  private var told = 0

  init(_ task: RunTask, of maker: ChildRuns) throws {
    (self.task, self.maker) = (task, maker)
    process = try ChildProcess(
      ["train"] + ChildRuns.flags(task),
      crashAt: task.abandonedAfter.map {
        // A run counts its own steps.
        "\(FaultPoint.step.rawValue):\($0 - (task.resumedFrom ?? 0))"
      }, messages: task.messageFile)
  }

  var title: String { task.title }
  var progress: Double { process.progress }

  func poll(_ observer: (RunEvent) throws -> TrainingDecision) throws -> RunTaskEnd? {
    if maker.isStopped { process.stop() }
    let status = try process.poll()
    if let status { maker.end(self, status: status) }
    while told < process.reports.count {
      told += 1
      if case .warning(let text) = process.reports[told - 1],
        try observer(.warning(.reported(text))) == .stop
      {
        process.stop()
      }
    }
    guard let status else { return nil }
    if maker.isStopped, status != 0 { return .stopped }
    return try Child(status: status, reports: process.reports).end(of: task)
  }

  func stop() { process.stop() }
}
