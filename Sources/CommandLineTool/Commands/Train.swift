import ArgumentParser
import MiniCNN

/// Fits a model to a data set, or continues a run that was stopped.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a model, or continues a run that was stopped.",
    discussion: """
      EXAMPLES
        minicnn train --model lenet5 --data mnist
        minicnn train --model mnist-cnn --data mnist --epochs 3 --seed 7
        minicnn train --model mlp --data mnist --patience 3
        minicnn train --model new.yaml --data DIR --init lenet5 --freeze 'conv2d*'
        minicnn train --model mlp --data digits --validation-data more-digits
        minicnn train --model mlp --data mnist --log runs/mlp --tensorboard
        minicnn train --resume lenet5.weights.h5
        minicnn train --resume lenet5.weights.h5 --epochs 10
        minicnn train --resume lenet5.weights.h5 --max-steps 100
        minicnn train --resume lenet5.1.weights.h5 --checkpoint new.weights.h5
        mpirun -n 8 minicnn train --model lenet5 --data mnist

      FILES
        NAME.weights.h5       the last full state
        NAME.best.weights.h5  the best state by validation
        NAME.1.weights.h5     with --keep, the state before that; NAME.2 and so on
        DIR/metrics.csv       with --log, a row for each epoch

      A setting that no flag states comes from the model file, or else is the default.

      Processes that a launcher of MPI has started train one network together and end with the bits of one: \
      the first of them reads, prints and saves, and the others need no files. --threads is the number of \
      each; without it they share the processors of their machine (docs/many-machines.md).

      --log keeps DIR/metrics.csv, a row for each epoch: epoch, step, learning_rate, loss, accuracy, \
      validation_loss, validation_accuracy, validation_METRIC for each of metrics, seconds, \
      images_per_second. A run that was killed and resumed ends with the same rows, times aside.

      JSON, one object per epoch: epoch, loss, accuracy, validationLoss, validationAccuracy, \
      validationInterval ([low, high], 95 %), validationMetrics (those that metrics names), learningRate, seconds, imagesPerSecond, ranks, best, \
      weightsSHA256, warnings (of dead ReLUs, saturated sigmoids, large gradients).
      """)

  @OptionGroup var modelOption: ModelOption

  @Option(
    help: ArgumentHelp("Continue the run in this checkpoint.", valueName: "file"),
    completion: .checkpoint)
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Start from the weights of this file, as far as they fit by name and shape (and from its model, without --model).",
      valueName: "file"), completion: .lookUp(.checkpoint))
  var `init`: String?

  @Flag(help: "Refuse a file of --init that does not fit in every layer.")
  var initStrict = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Keep the weights of these layers, or named blocks, as they are; * stands for any letters.",
      valueName: "name"), completion: .lookUp(.layerNames))
  var freeze: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Train these layers, whatever the model or --freeze says.", valueName: "name"),
    completion: .lookUp(.layerNames))
  var unfreeze: [String] = []

  @OptionGroup var dataFlags: DataFlags

  @OptionGroup var validationFlags: ValidationFlags

  @Option(
    help: ArgumentHelp(
      "Where to keep the state (default: the model's name + .weights.h5, or the resumed file).",
      valueName: "file"), completion: .checkpoint)
  var checkpoint: String?

  @Flag(help: "Replace an existing checkpoint, and the log of another run.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "Save not only after each epoch, but also every so many steps (500) or after so much time (30s, 5m, 1h).",
      valueName: "steps|time"))
  var checkpointEvery: SavingInterval?

  @Option(help: "Keep this many states from before the last save.")
  var keep: Int = 0

  @Option(help: "Stop after this step of the whole run and save; --resume continues from there.")
  var maxSteps: Int?

  @Option(
    help: ArgumentHelp(
      "Keep a table of the epochs, metrics.csv, in this folder.", valueName: "folder"),
    completion: .directory)
  var log: String?

  @Flag(help: "Write TensorBoard's files into the folder of --log too.")
  var tensorboard = false

  @OptionGroup var threadsOption: ThreadsOption

  @OptionGroup var jsonFlag: JSONFlag

  @OptionGroup(title: "Settings") var flags: TrainingFlags

  var model: String? { modelOption.model }
  var threads: Int? { threadsOption.threads }
  var json: Bool { jsonFlag.json }

  func validate() throws {
    try options.checkFlags()
    if tensorboard, log == nil { throw ValidationError("--tensorboard goes with --log") }
    if resume != nil {
      guard checkpoint != nil || !overwrite else {
        throw ValidationError("--overwrite: with --resume, only together with --checkpoint")
      }
      var refused = flags.refusedOnResume
      if model != nil { refused.append("--model") }
      if `init` != nil { refused.append("--init") }
      if initStrict { refused.append("--init-strict") }
      if !freeze.isEmpty { refused.append("--freeze") }
      if !unfreeze.isEmpty { refused.append("--unfreeze") }
      guard refused.isEmpty else {
        throw ValidationError(
          "\(refused.joined(separator: ", ")): the checkpoint fixes this; with --resume use only"
            + " --data, --validation-data, --epochs, --threads, --checkpoint, --overwrite, --checkpoint-every, --keep,"
            + " --max-steps, --log, --tensorboard and --json")
      }
    } else if model == nil && `init` == nil {
      throw ValidationError("name a model with --model, or a run to continue with --resume")
    } else if initStrict && `init` == nil {
      throw ValidationError("--init-strict: only with --init")
    }
  }

  func run() throws {
    try RankJob.run { ranks in
      Interruption.listen()
      try Supervision.begin()
      if ranks.isFirst { try lead(ranks) } else { try follow(ranks) }
    }
  }

  private func lead(_ ranks: any Ranks) throws {
    let run = try resume.map { try resumed($0, ranks) } ?? begun(ranks)
    if run.isDone { return sayWhyNothingIsDone(run) }
    var display = TrainingDisplay(run, json: json)
    try display.train()
  }

  /// Trains along with the first rank, whose flags, data and messages are those of all.
  private func follow(_ ranks: any Ranks) throws {
    let run = try FollowingRun(ranks: ranks, threads: threads)
    try run.train { Interruption.exitCode != nil }
    if !run.isDone, let code = Interruption.exitCode { throw ExitCode(code) }
  }

  private func begun(_ ranks: any Ranks) throws -> Run {
    let (source, file, weights) = try ranks.preparing {
      let weights = try `init`.map { try Installation.current.path(of: $0, as: .weights) }
      guard model == nil, let weights else {
        let source = try modelOption.requiredPath()
        return (source, try frozen(ModelOption.read(source), source), weights)
      }
      return (weights, try frozen(Checkpoint(contentsOf: weights).model, weights), weights)
    }
    let (settings, data, validation) = try ranks.preparing {
      let settings = try TrainingSettings(
        flags.options(), model: file.training, file: source,
        defaultSeed: UInt64.random(in: 0..<(1 << 53)),
        hasValidationSet: validationFlags.areStated)
      return (settings, DataPaths(try dataFlags.requiredPaths()), try validationFlags.data)
    }
    do {
      return try Run(
        model: file, data: data, validation: validation, settings: settings,
        saving: checkpoint ?? "\(file.spec.name).weights.h5",
        initialWeights: weights.map { InitialWeights($0, isStrict: initStrict) },
        options: self.options, ranks: ranks)
    } catch let error as ModelError {
      throw Failure(.data, "\(source): \(error)")
    }
  }

  /// The model with the layers frozen that the flags name.
  private func frozen(_ file: ModelFile, _ source: String) throws -> ModelFile {
    guard !freeze.isEmpty || !unfreeze.isEmpty else { return file }
    do {
      let spec = try file.spec.freezing(freeze, unfreezing: unfreeze)
      guard let changed = ModelFile(spec, training: file.training) else {
        throw ModelError(unstatable: spec)
      }
      return changed
    } catch let error as ModelError {
      throw Failure(.data, "\(source): \(error)")
    }
  }

  private func resumed(_ path: String, _ ranks: any Ranks) throws -> Run {
    let (epochs, data, validation) = try ranks.preparing {
      try Installation.current.refuseName(path)
      return (
        try flags.options()["epochs"].flatMap { Int($0) },
        try dataFlags.paths.map { DataPaths($0) }, try validationFlags.data
      )
    }
    return try Run(
      resuming: path, data: data, validation: validation, epochs: epochs, saving: checkpoint,
      options: options,
      ranks: ranks)
  }

  private var options: RunOptions {
    RunOptions(
      saveEvery: checkpointEvery, keep: keep, replacesExisting: overwrite, maxSteps: maxSteps,
      threads: threads, log: log.map { LogFolder($0, hasEventFiles: tensorboard) })
  }

  private func sayWhyNothingIsDone(_ run: Run) {
    let (state, path) = (run.state, resume ?? run.files.path)
    guard state.isFinished(run.settings) else {
      return Terminal.message(
        "\(path): the run has reached step \(state.optimizer.step), and --max-steps is"
          + " \(maxSteps ?? 0); nothing to do")
    }
    let reason = state.stoppedEarly ? "stopped early in epoch" : "is finished, epoch"
    Terminal.message(
      "\(path): the run \(reason) \(state.epoch) of \(run.settings.epochs); nothing to do"
        + (state.stoppedEarly ? "" : " (--epochs raises the total)"))
  }
}

extension SavingInterval: ExpressibleByArgument {
  /// Reads `500`, `30s`, `5m` or `1h`.
  public init?(argument: String) { self.init(argument) }
}
