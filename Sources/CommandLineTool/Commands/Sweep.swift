import ArgumentParser
import Files
import MiniCNN

/// Makes many runs and tabulates their results.
struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains with several settings and seeds, and tabulates the results.",
    discussion: """
      EXAMPLES
        minicnn sweep rates.yaml
        minicnn sweep rates.yaml --folder rates --threads 1
        minicnn sweep rates.yaml --jobs 4
        minicnn sweep rates.yaml --folds 5 --json
        mpirun -n 16 minicnn sweep rates.yaml --folder rates --threads 2
        minicnn sweep rates.yaml --part 3/64
        minicnn sweep rates.yaml --merge

      A sweep is a YAML file:
        model: lenet5                    # or a file, or a list of them
        data: mnist                      # or a folder
        seeds: [1, 2, 3]
        score: validation                # what to choose by; test for what is chosen
        settings:                        # keys of a training: block
          learning_rate: [0.003, 0.01]
          validation_fraction: 0.1

      It may have folds, and draw its settings by chance:
        folds: 5                         # in place of validation_fraction
        samples: 50                      # choices of settings, drawn by chance
        samples_seed: 0                  # what the draws follow from
        settings:
          learning_rate: {from: 0.0001, to: 0.1, scale: log}
          batch_size: {from: 16, to: 128}
          optimizer: [adam, adamw]

      Paths in it are relative to the folder that the file is in; models and data may be named as they are installed. \
      Every run is a process of its own that saves its state, so the same command resumes a \
      sweep that was stopped. The folder gets a checkpoint and a model file for each run, \
      runs.csv (a line for each run) and table.csv (a line for each setting: mean, standard \
      deviation and so on). Seconds are those of the whole process, loading included; for a run \
      that was interrupted, those of its training steps.

      --jobs makes several runs at once and divides the threads among them; results are the same. \
      The same command may be started any number of times, on any machines that share the folder, \
      by hand, mpirun, srun, a job array or Kubernetes: each takes runs that nobody else makes, and \
      the one that makes the last run prints the table. One that finds no run left waits for those \
      under way, and takes over what a killed one leaves, from its last state; it may be \
      interrupted at any time. Several on one machine know nothing of each other: --threads says how \
      many each may have. Where the shared folder has no locks, --part 1/64 to --part 64/64 \
      make a fixed share of the runs each, in folders of their own inside the folder, and --merge \
      joins their records, or names the runs that are missing. Nothing else looks at them.

      Draws are rounded to three digits, so that people can read them: a narrow range has some hundred \
      values.

      A run counts with its last epoch; where patience may end it, with its best one by \
      validation. \
      The 95 % interval is that of one run with the median accuracy: the uncertainty that the \
      number of images leaves. All runs see the same images, so more seeds do not narrow it; the \
      standard deviation says how much a run owes to its seed. With folds, which hold each image \
      once, it is that of the mean on the images of all folds.

      A run whose numbers stop being finite has failed: it counts under failed, not in the mean, \
      and runs.csv has the reason. The other runs are made, and the sweep ends with exit code 1 \
      (where several share it, only the one that prints the table). To repeat a failed run, remove \
      its line.

      JSON: score, rows (model, settings, runs, failed, mean, deviation, median, least, most, \
      interval, seconds, failures).
      """)

  @Argument(
    help: ArgumentHelp("The sweep (YAML).", valueName: "file"), completion: .yaml)
  var spec: String
  @Option(
    help: ArgumentHelp(
      "Where runs are kept (default: the sweep's name + .sweep).", valueName: "folder"),
    completion: .directory)
  var folder: String?
  @Option(help: "Make this many runs at once.")
  var jobs = 1
  @Option(
    help: ArgumentHelp(
      "Cross-validation with this many folds, in place of a validation_fraction.",
      valueName: "number"))
  var folds: Int?
  @Option(
    help: ArgumentHelp(
      "Make a fixed share of the runs, such as 3/64, and share no file with the others.",
      valueName: "number/count"))
  var part: SweepPart?
  @Flag(help: "Join the records of parts and print the table.")
  var merge = false
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  private static let mostJobs = 256
  /// More missing runs than these are only counted.
  private static let mostListed = 50

  func validate() throws {
    guard (1...Self.mostJobs).contains(jobs) else {
      throw ValidationError("--jobs: expected 1 to \(Self.mostJobs), found \(jobs)")
    }
    if let folds, !Fold.counts.contains(folds) {
      let (least, most) = (Fold.counts.lowerBound, Fold.counts.upperBound)
      throw ValidationError("--folds: expected \(least) to \(most), found \(folds)")
    }
    if merge, part != nil {
      throw ValidationError("--merge joins all parts; use it or --part, not both")
    }
    if merge, jobs != 1 || threadsOption.threads != nil {
      throw ValidationError("--merge makes no runs: without --jobs and --threads")
    }
  }

  func run() throws {
    Interruption.listen()
    let spec = try installed(SweepSpec(contentsOf: spec, folds: folds))
    let folder = folder ?? spec.standardFolder
    guard !merge || WholeFile.exists(folder) else {
      throw FileError(
        .missing, file: folder, expected: "the folder of a sweep's parts", found: "no such folder",
        hint: "make them with --part first")
    }
    let sweep = try MiniCNN.Sweep(spec, folder: folder, threads: threadsOption.threads, part: part)
    let table = try merge ? merged(sweep) : made(sweep)
    // Runs that failed are the matter of the one that has the table: a launcher may end all others where one
    // ends with an error.
    if let part {
      let failed = table.failed == 0 ? "" : ", of which \(table.failed) failed"
      return Terminal.message(
        "part \(part): \(Format.count(table.runs, "run")) made\(failed); --merge joins all parts and makes"
          + " the table")
    }
    if sweep.wasEndedElsewhere {
      let runs = table.runs == 1 ? "the run is made" : "all \(table.runs) runs are made"
      return Terminal.message("\(runs); \(sweep.tableFile) has the results")
    }
    if jsonFlag.json { try JSONOutput.print(SweepOutput(table)) } else { table.print() }
    if table.failed > 0 {
      throw Failure(
        .failed, "\(table.failed) of \(table.runs) runs failed; \(sweep.recordFile) says why")
    }
  }

  /// The sweep with the places of what it names in place of a path.
  private func installed(_ spec: SweepSpec) throws(FileError) -> SweepSpec {
    var spec = spec
    func place(_ stated: String, _ kind: InstalledKind) throws(FileError) -> String? {
      let path = try Installation.current.path(of: stated, as: kind, resolvedBy: spec.path)
      return path == stated ? nil : path
    }
    for model in spec.models { spec.installedModels[model] = try place(model, .model) }
    spec.installedData = try place(spec.data, .data)
    return spec
  }

  /// Makes the runs, and says how it goes.
  private func made(_ sweep: MiniCNN.Sweep) throws -> SweepTable {
    let runs = ChildRuns(showsTime: true)
    var underWay: [MiniCNN.Sweep.Member] = []
    var (first, isWaiting): (Int?, Bool) = (nil, false)
    let table = try sweep.run(making: runs, jobs: jobs) { event in
      switch event {
      case .warning(let warning): Terminal.message("warning: \(warning)")
      case .started(let run):
        underWay.append(run)
        let begin = first ?? sweep.recorded
        first = begin
        runs.made = (sweep.recorded - begin, sweep.count - begin)
      case .run: break
      case .made(let run, let record):
        underWay.removeAll { $0 == run }
        Terminal.message("\(run.title): \(summary(record))")
        runs.made.done = sweep.recorded - (first ?? 0)
      case .waiting(let count):
        if !isWaiting {
          Terminal.message(
            "waiting for \(Format.count(count, "run")) that others are making; Ctrl-C ends the waiting"
          )
        }
        isWaiting = true
      }
    }
    guard let table else {
      let titles = underWay.map(\.title).joined(separator: ", ")
      Terminal.message(
        "stopped \(titles.isEmpty ? "between runs" : "in run \(titles)"); the same command resumes from"
          + " there")
      throw runs.stopCode
    }
    return table
  }

  /// Joins the records of parts; throws where runs are missing.
  private func merged(_ sweep: MiniCNN.Sweep) throws -> SweepTable {
    let merge = try sweep.merge()
    guard merge.missing.isEmpty else {
      for run in merge.missing.prefix(Self.mostListed) { Terminal.message("missing: \(run.title)") }
      let rest = merge.missing.count - Self.mostListed
      if rest > 0 { Terminal.message("missing: \(rest) more") }
      throw Failure(
        .failed,
        "\(merge.missing.count) of \(sweep.count) runs are missing; make their parts and merge again"
      )
    }
    return merge.table
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

extension SweepPart: ExpressibleByArgument {
  /// Reads `3/64`.
  public init?(argument: String) { self.init(argument) }
}
