import NeuralNetwork

/// Fits a network to labelled samples.
///
/// All random choices follow from the settings' seed and the epoch and batch, so a run that
/// is stopped and resumed from its ``state``, on any number of threads, ends with the same bits.
public final class Trainer {
  /// The settings of the run.
  public let settings: TrainingSettings
  /// The state that the run has reached; complete after every batch.
  public private(set) var state: TrainingState
  /// Which samples train and which validate.
  public let split: SampleSplit

  let source: any SampleSource
  private let pool: ThreadPool
  let gradientStep: GradientStep
  private let plan: UpdatePlan
  private lazy var predictor = Predictor(state.network, pool: pool)
  lazy var survey = ActivationSurvey(state.network, pool: pool)
  /// What ``seenSamples`` gave last.
  private var seen: AugmentedSamples?
  /// The rate at each step, in place of the settings'.
  var rateOfStep: ((_ step: Int) -> Float)?
  /// The epoch of the last warning of a large gradient.
  var epochOfLargeGradient: Int?

  /// Starts a run: builds the model and fills it with weights from the settings' seed. Layers that learn
  /// from the training samples before the first step (``Normalization``) do so here, one pass for each.
  ///
  /// - Parameters:
  ///   - data: the training samples with labels.
  ///   - threads: the number of threads; one for each processor where `nil`.
  /// - Throws: ``ModelError`` or ``SettingError``.
  public convenience init(
    _ model: ModelSpec, settings: TrainingSettings, data: some SampleSource, threads: Int? = nil
  ) throws {
    let network = try Network(model, seed: settings.seed)
    try self.init(
      TrainingState(network: network, settings: settings), settings: settings, data: data,
      threads: threads)
  }

  /// Resumes from a state as if the run had not been stopped.
  ///
  /// Whatever affects later steps alone may differ: the epochs and their schedule, the
  /// learning rate, the loss, regularization, augmentation, patience, the optimizer's numbers; an
  /// average of the weights begins or ends here where the settings begin or end it. The number of
  /// threads does not matter.
  ///
  /// - Throws: a ``SettingError`` where the settings or the data have another ``RunBasis`` than the
  ///   state began with, or the state's memory is another optimizer's. Where the data has no
  ///   ``SampleSource/sha256``, or the state knows of none, other data with as many samples goes
  ///   unnoticed.
  public init(
    _ state: TrainingState, settings: TrainingSettings, data: some SampleSource,
    threads: Int? = nil
  ) throws {
    try settings.check()
    try settings.loss.check(state.network)
    try state.check(settings)
    guard data.sampleShape == state.network.inputShape else {
      throw SettingError(
        "data", expected: "images of \(state.network.inputShape), as the model takes them",
        found: "images of \(data.sampleShape)")
    }
    try AugmentedSamples.check(data.sampleShape, settings)
    var state = state
    try state.settle(on: data)
    split = try SampleSplit(count: data.count, settings: settings)
    try Self.checkLabels(data, split, outputs: state.network.outputShape.count)
    let batches = (split.training.count + settings.batchSize - 1) / settings.batchSize
    guard state.batch <= batches else {
      throw SettingError(
        "state", expected: "at most the \(batches) batches of an epoch", found: "\(state.batch)")
    }
    self.settings = settings
    // A batch has no more shards than that; further threads would only take memory.
    let wanted = threads ?? ThreadPool.availableProcessors
    pool = ThreadPool(threads: min(wanted, Self.mostThreads))
    state.adapt(to: data, split.training, pool: pool)
    state.keepAverage(settings.weightAverage != nil)
    self.state = state
    source = data
    plan = UpdatePlan(state.network)
    gradientStep = GradientStep(
      state.network, loss: settings.loss, batch: min(settings.batchSize, split.training.count),
      pool: pool)
  }

  private static func checkLabels(
    _ data: some SampleSource, _ split: SampleSplit, outputs: Int
  ) throws(SettingError) {
    let numbers = split.training + split.validation
    var labels = [UInt8](repeating: 0, count: numbers.count)
    numbers.withUnsafeBufferPointer { numbers in
      labels.withUnsafeMutableBufferPointer {
        if let target = $0.baseAddress { data.copyLabels(numbers, to: target) }
      }
    }
    guard let bad = labels.firstIndex(where: { Int($0) >= outputs }) else { return }
    throw SettingError(
      "data", expected: "labels from 0 to \(outputs - 1), one for each output",
      found: "\(labels[bad]) of sample \(numbers[bad])")
  }

  /// The most threads that a batch can keep busy.
  package static let mostThreads = GradientStep.mostThreads

  /// The number of threads that work.
  public var threads: Int { pool.threads }

  /// The number of batches in an epoch; the last one may be smaller.
  public var batchesPerEpoch: Int {
    (split.training.count + settings.batchSize - 1) / settings.batchSize
  }

  /// Trains until the settings' epochs are done, patience runs out, or `observer` says stop.
  ///
  /// - Parameter observer: is told of every batch and epoch, and may read ``state``.
  /// - Throws: ``DivergenceError`` where numbers stop being finite, and what `observer` throws.
  public func run(_ observer: (TrainingEvent) throws -> TrainingDecision) throws {
    while !state.isFinished(settings) {
      guard try runEpoch(observer) == .proceed else { return }
      for warning in activationWarnings() {
        if try observer(.warning(warning)) == .stop { return }
      }
      let record = finishEpoch()
      let isBest = state.best == record
      if try observer(.epoch(record, isBest: isBest)) == .stop { return }
      if state.stoppedEarly, let best = state.best {
        if try observer(.stoppedEarly(best: best)) == .stop { return }
      }
    }
  }

  /// Trains to the end without an observer.
  public func run() throws { try run { _ in .proceed } }

  /// The mean loss and accuracy over some samples of the training set, unchanged, with the averaged
  /// weights where the settings ask for an average.
  public func evaluate(_ numbers: [Int32]) -> Loss.Value {
    evaluate(numbers, of: state.averagedNetwork)
  }

  private func evaluate(_ numbers: [Int32], of network: Network) -> Loss.Value {
    predictor.update(network)
    return predictor.evaluate(source, numbers, loss: settings.loss).value
  }

  /// Throws where the weights or their average, though no step has failed yet, give no finite loss: a state that is
  /// not worth keeping. Looks at one batch of training samples.
  package func checkState() throws(DivergenceError) {
    let numbers = Array(split.training.prefix(settings.batchSize))
    let isSound =
      evaluate(numbers, of: state.network).sum.isFinite
      && (state.average == nil || evaluate(numbers, of: state.averagedNetwork).sum.isFinite)
    guard !isSound else { return }
    let fault = numbers.withUnsafeBufferPointer {
      findFault($0)
    }
    throw divergence(fault)
  }

  private func findFault(_ numbers: UnsafeBufferPointer<Int32>) -> NumericFault? {
    gradientStep.findFault(
      state.network, seenSamples, numbers, loss: settings.loss, seed: settings.seed,
      epoch: state.epoch)
  }

  /// The samples as the network sees them in the current epoch.
  private var seenSamples: any SampleSource {
    guard AugmentedSamples.areNeeded(settings) else { return source }
    if let seen, seen.epoch == state.epoch { return seen }
    let samples = AugmentedSamples(
      source, settings: settings, training: split.training, epoch: state.epoch)
    seen = samples
    return samples
  }

  private func divergence(_ fault: NumericFault?) -> DivergenceError {
    DivergenceError(
      epoch: state.epoch + 1, batch: state.batch + 1, step: state.optimizer.step + 1,
      learningRate: rate, fault: fault)
  }

  /// The learning rate of the step that comes next.
  private var rate: Float {
    rate(at: state.epoch * batchesPerEpoch + state.batch)
  }

  private func rate(at step: Int) -> Float {
    rateOfStep?(step)
      ?? settings.rate(step: step, stepsPerEpoch: batchesPerEpoch, history: state.history)
  }

  private func runEpoch(
    _ observer: (TrainingEvent) throws -> TrainingDecision
  ) throws -> TrainingDecision {
    let clock = ContinuousClock()
    let order = split.order(epoch: state.epoch, settings: settings)
    // Made before the first step, as steps allocate nothing.
    _ = seenSamples
    let batches = batchesPerEpoch
    while state.batch < batches {
      let start = clock.now
      let range =
        state.batch
        * settings.batchSize..<min(
          (state.batch + 1) * settings.batchSize, order.count)
      let rate = rate
      let result = try order[range].withUnsafeBufferPointer { try step($0, rate: rate) }
      state.batch += 1
      state.running += result.loss
      state.runningSeconds += (clock.now - start) / .seconds(1)
      let report = StepReport(
        epoch: state.epoch + 1, batch: state.batch, batches: batches, running: state.running,
        loss: result.loss, gradientNorm: result.gradientNorm, learningRate: rate)
      if let warning = gradientWarning(result.gradientNorm) {
        if try observer(.warning(warning)) == .stop { return .stop }
      }
      if try observer(.step(report)) == .stop { return .stop }
    }
    return .proceed
  }

  private func step(
    _ numbers: UnsafeBufferPointer<Int32>, rate: Float
  ) throws -> GradientStep.Result {
    let result = gradientStep.run(
      state.network, seenSamples, numbers, seed: settings.seed, epoch: state.epoch)
    guard result.loss.sum.isFinite, result.gradientNorm.isFinite else {
      throw divergence(findFault(numbers))
    }
    state.update(
      settings.update, gradient: gradientStep.gradient, norm: result.gradientNorm, rate: rate,
      plan: plan, pool: pool)
    gradientStep.updateStatistics(of: &state.network)
    state.updateAverage(decay: settings.weightAverage, pool: pool)
    return result
  }

  private func finishEpoch() -> EpochRecord {
    let lastStep = (state.epoch + 1) * batchesPerEpoch - 1
    var record = EpochRecord(
      epoch: state.epoch + 1, loss: state.running.mean, accuracy: state.running.accuracy,
      learningRate: Double(rate(at: lastStep)),
      seconds: state.runningSeconds)
    if !split.validation.isEmpty {
      let value = evaluate(split.validation)
      // Not finite counts as missing, as in a file, so that a resumed run compares epochs alike.
      record.validationLoss = value.mean.isFinite ? value.mean : nil
      record.validationAccuracy = value.accuracy
    }
    state.epoch += 1
    state.batch = 0
    state.running = Loss.Value()
    state.runningSeconds = 0
    state.history.append(record)
    if !split.validation.isEmpty {
      if state.best.map({ record.isBetter(than: $0) }) ?? true { state.best = record }
      if let patience = settings.patience,
        state.epochsWithoutGain(above: settings.minDelta) >= patience
      {
        state.stoppedEarly = true
      }
    }
    return record
  }
}
