import ArgumentParser
import MiniCNN

/// Makes many runs and tabulates their results.
struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains with several settings and seeds, and tabulates the results.",
    discussion: """
      EXAMPLES
        minicnn sweep Benchmarks/sweeps/digits-fast.yaml
        minicnn sweep rates.yaml --folder rates --threads 1
        minicnn sweep rates.yaml --json

      A sweep is a YAML file:
        model: Models/lenet5.yaml        # or a list
        data: Datasets/mnist             # a folder
        seeds: [1, 2, 3]
        score: validation                # what to choose by; test for what is chosen
        settings:                        # keys of a training: block
          learning_rate: [0.003, 0.01]
          validation_fraction: 0.1

      Paths in it are relative to the folder that the file is in. \
      Every run is a process of its own that saves its state, so the same command resumes a \
      sweep that was stopped. The folder gets a checkpoint and a model file for each run, \
      runs.csv (a line for each run) and table.csv (a line for each setting: mean, standard \
      deviation and so on). Seconds are those of the whole process, loading included; for a run \
      that was interrupted, those of its training steps.

      A run counts with its last epoch; where patience may end it, with its best one by \
      validation. \
      The 95 % interval is that of one run with the median accuracy: the uncertainty that the \
      number of images leaves. All runs see the same images, so more seeds do not narrow it; the \
      standard deviation says how much a run owes to its seed.

      A run whose numbers stop being finite has failed: it counts under failed, not in the mean, \
      and runs.csv has the reason. The other runs are made, and the sweep ends with exit code 1. \
      To repeat a failed run, remove its line.

      JSON: score, rows (model, settings, runs, failed, mean, deviation, median, least, most, \
      interval, seconds, failures).
      """)

  @Argument(
    help: ArgumentHelp("The sweep (YAML).", valueName: "file"), completion: .modelFile)
  var spec: String
  @Option(
    help: ArgumentHelp(
      "Where runs are kept (default: the sweep's name + .sweep).", valueName: "folder"),
    completion: .directory)
  var folder: String?
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    Interruption.listen()
    let sweep = try MiniCNN.Sweep(
      SweepSpec(contentsOf: spec), folder: folder, threads: threadsOption.threads)
    let runs = ChildRuns(showsTime: true)
    var (first, last): (Int, MiniCNN.Sweep.Member?) = (1, nil)
    let table = try sweep.run(making: runs) { event in
      switch event {
      case .warning(let warning): Terminal.message("warning: \(warning)")
      case .started(let run):
        if last == nil { first = run.number }
        last = run
      case .run: break
      case .made(let run, let record):
        Terminal.message("\(run.title): \(summary(record))")
        runs.share = Double(run.number + 1 - first) / Double(run.count + 1 - first)
      }
    }
    guard let table else {
      let title = last?.title ?? ""
      Terminal.message("stopped in run \(title); the same command resumes from there")
      throw runs.stopCode
    }
    if jsonFlag.json { try JSONOutput.print(SweepOutput(table)) } else { table.print() }
    if table.failed > 0 {
      throw Failure(
        .failed, "\(table.failed) of \(table.runs) runs failed; \(sweep.recordFile) says why")
    }
  }

  /// The accuracy and the time of a run, or why there is none.
  private func summary(_ record: SweepRecord) -> String {
    switch record.outcome {
    case .finished(_, let accuracy, _):
      "\(Format.percent(accuracy)), \(Format.fixed(record.seconds, 1)) s"
    case .failed(let reason): "failed: \(reason)"
    }
  }
}

/// What `--json` prints; a row whose runs all failed has no numbers.
private struct SweepOutput: Encodable {
  struct Row: Encodable {
    let model: String
    let settings: String
    let runs: Int
    let failed: Int
    let mean: Double?
    let deviation: Double?
    let median: Double?
    let least: Double?
    let most: Double?
    let interval: [Double]?
    let seconds: Double?
    let failures: [String]

    init(_ row: SweepRow) {
      let a = row.accuracy
      (model, settings, runs, failed) = (row.model, row.settings, row.results.count, row.failed)
      (mean, deviation, median) = (a?.mean, a?.deviation, a?.median)
      (least, most, seconds) = (a?.least, a?.most, row.seconds?.median)
      interval = row.interval.map { [$0.lowerBound, $0.upperBound] }
      failures = row.results.compactMap {
        if case .failed(let reason) = $0.outcome { "seed \($0.seed): \(reason)" } else { nil }
      }
    }
  }

  let score: String
  let rows: [Row]

  init(_ table: SweepTable) {
    (score, rows) = (table.score.rawValue, table.ranked.map(Row.init))
  }
}
