import NeuralNetwork

/// Fits a network to samples with targets.
///
/// All random choices follow from the settings' seed and the epoch and batch, so a run that
/// is stopped and resumed from its ``state``, on any number of threads, ends with the same bits.
public final class Trainer {
  /// The settings of the run.
  public let settings: TrainingSettings
  /// The state that the run has reached; complete after every batch.
  public internal(set) var state: TrainingState
  /// Which samples train and which validate.
  public let split: SampleSplit

  package let source: any SampleSource
  /// The processes that train together.
  package let ranks: any Ranks
  private let pool: ThreadPool
  let gradientStep: GradientStep
  private let plan: UpdatePlan
  private let dividedPlan: UpdatePlan
  /// Whether, of several ranks, each updates a part of the large dense kernels and sends the new weights to the
  /// others. The state is then divided but for the steps that end epochs, or this run, or for which
  /// ``requestWholeState()`` was called. All ranks have the same; changed between runs alone.
  package var dividesUpdates = false
  private lazy var predictor = Predictor(state.network, pool: pool)
  lazy var survey = ActivationSurvey(state.network, pool: pool)
  /// What the loss sees of the targets.
  private let smoothing: TargetSmoothing?
  /// ``source`` with its targets as the loss of a step sees them.
  private let smoothed: any SampleSource
  /// The samples among which are those that validate.
  private let validationSource: any SampleSource
  /// The numbers of the samples that validate.
  private let validationNumbers: [Int32]
  /// What ``seenSamples`` gave last, and in which epoch.
  private var seen: (epoch: Int, samples: any SampleSource)?
  /// The rate at each step, in place of the settings'.
  var rateOfStep: ((_ step: Int) -> Float)?
  /// The step of the whole run after which training stops; every rank has the same.
  package var lastStep: Int?
  /// What has been asked for here and the other ranks have not heard of.
  var wishes: RankWishes = []
  /// The epoch of the last warning of a large gradient.
  var epochOfLargeGradient: Int?

  /// Starts a run: builds the model and fills it with weights from the settings' seed. Layers that learn
  /// from the training samples before the first step (``Normalization``) do so here, one pass for each.
  ///
  /// - Parameters:
  ///   - data: the training samples with their targets.
  ///   - validation: samples for validation alone, in place of a share of the others.
  ///   - threads: the number of threads; one for each processor where `nil`.
  ///   - ranks: the processes that train together, each with the same model, settings and data.
  /// - Throws: ``ModelError``, also where every layer with parameters is frozen, or ``SettingError``; a
  ///   ``NumericFault`` that names a sample which is not finite, where a layer would learn from it.
  public convenience init(
    _ model: ModelSpec, settings: TrainingSettings, data: some SampleSource,
    validation: (any SampleSource)? = nil, threads: Int? = nil, ranks: any Ranks = Alone.only
  ) throws {
    let network = try Network(model, seed: settings.seed)
    try self.init(
      TrainingState(network: network, settings: settings), settings: settings, data: data,
      validation: validation, threads: threads, ranks: ranks)
  }

  /// Resumes from a state as if the run had not been stopped.
  ///
  /// Whatever affects later steps alone may differ: the epochs and their schedule, the
  /// learning rate, the loss, regularization, augmentation, patience, the optimizer's numbers; an
  /// average of the weights begins or ends here where the settings begin or end it. The number of
  /// threads does not matter.
  ///
  /// - Parameter restartsOptimizer: whether the optimizer of the settings, the same or another one,
  ///   begins with an empty memory at its step 0, whatever the state's is; the weights and the place
  ///   in the run stay. An average of the weights then spans the steps from here on.
  /// - Throws: a ``ModelError`` where every layer with parameters is frozen; a ``SettingError`` where the
  ///   settings or the data have another basis (seed, batch size, order, split, data) than the state began
  ///   with, or the state's memory is another optimizer's and that is not to be restarted. Where
  ///   the data has no ``SampleSource/sha256``, or the state knows of none, other data with as many
  ///   samples goes unnoticed. A ``NumericFault``, before the first step, as where a run starts.
  public init(
    _ state: TrainingState, settings: TrainingSettings, data: some SampleSource,
    validation: (any SampleSource)? = nil, threads: Int? = nil, ranks: any Ranks = Alone.only,
    restartsOptimizer: Bool = false
  ) throws {
    try settings.check(hasValidationSet: validation != nil)
    try settings.loss.check(state.network)
    try Self.checkTrained(state.network)
    var state = state
    guard restartsOptimizer || !state.isForUse else {
      throw SettingError(
        "state", expected: "one with the optimizer's memory", found: "one exported for use")
    }
    state.isForUse = false
    if restartsOptimizer {
      state.optimizer = OptimizerState(settings.update.optimizer, for: state.network)
      state.isDivided = false
    }
    try state.check(settings)
    try Self.checkShapes(data, validation, state.network)
    try AugmentedSamples.check(data.sampleShape, settings)
    try state.settle(on: data, validation: validation)
    split = try SampleSplit(data, settings: settings)
    let weights = try Self.checkTargets(data, split, state.network, settings)
    if let validation { try Self.check(validation, as: data, state.network) }
    let batches = (split.training.count + settings.batchSize - 1) / settings.batchSize
    guard state.batch <= batches else {
      throw SettingError(
        "state", expected: "at most the \(batches) batches of an epoch", found: "\(state.batch)")
    }
    self.settings = settings
    self.ranks = ranks
    smoothing = TargetSmoothing(settings.labelSmoothing, for: settings.loss)
    smoothed = SmoothedTargets.of(data, smoothing)
    validationSource = validation ?? data
    validationNumbers = validation.map { (0..<Int32($0.count)).map { $0 } } ?? split.validation
    // A batch has no more shards than that; further threads would only take memory.
    let wanted = threads ?? ThreadPool.availableProcessors
    pool = ThreadPool(threads: min(wanted, max(settings.shardRule.most, Self.leastMostThreads)))
    try state.adapt(to: data, split.training, pool: pool)
    state.keepAverage(settings.weightAverage != nil)
    self.state = state
    source = data
    gradientStep = GradientStep(
      state.network, loss: settings.loss, classWeights: weights ?? [],
      batch: min(settings.batchSize, split.training.count), shards: settings.shardRule,
      pool: pool, ranks: ranks)
    plan = UpdatePlan(state.network)
    dividedPlan = gradientStep.dividedPlan(of: state.network)
    gradientStep.makeRoom(samples: split.training.count - (batches - 1) * settings.batchSize)
  }

  /// The number of samples that validate.
  public var validationCount: Int { validationNumbers.count }

  /// As many threads may work where a batch has fewer shards: on its sums, and on evaluation.
  private static let leastMostThreads = ShardRule.standard.most

  /// The number of threads that work.
  public var threads: Int { pool.threads }

  /// The number of batches in an epoch; the last one may be smaller.
  public var batchesPerEpoch: Int {
    (split.training.count + settings.batchSize - 1) / settings.batchSize
  }

  /// The gradient of the last step that this object has made, laid out as the trained variables are; `nil` before the
  /// first. Where ``dividesUpdates``, whole after the last step of an epoch alone.
  package var lastGradient: Tensor? { hasGradient ? gradientStep.gradient : nil }
  private var hasGradient = false

  /// Trains until the settings' epochs are done, patience runs out, or `observer` says stop.
  ///
  /// Of several ranks each has an observer. Where one says stop, the others hear of it with the next step,
  /// and all stop after that.
  ///
  /// - Parameter observer: is told of every batch and epoch, and may read ``state``.
  /// - Throws: ``DivergenceError`` where numbers stop being finite, on every rank; a ``RanksError``
  ///   where another rank fails; and what `observer` throws, of which other ranks hear nothing.
  public func run(_ observer: (TrainingEvent) throws -> TrainingDecision) throws {
    wishes.remove(.stop)
    try agree()
    while !state.isFinished(settings), !isAtLastStep {
      guard try runEpoch(observer) == .proceed else { return }
      for warning in activationWarnings() where try stops(observer(.warning(warning))) { return }
      let record = try finishEpoch()
      let isBest = state.best == record
      if try stops(observer(.epoch(record, isBest: isBest))) { return }
      if state.stoppedEarly, let best = state.best {
        if try stops(observer(.stoppedEarly(best: best))) { return }
      }
    }
  }

  /// Whether to stop at once: where other ranks go on, the next step tells them first.
  private func stops(_ decision: TrainingDecision) -> Bool {
    guard decision == .stop else { return false }
    wishes.insert(.stop)
    return ranks.count == 1
  }

  var isAtLastStep: Bool { lastStep.map { state.optimizer.step >= $0 } ?? false }

  /// Trains to the end without an observer.
  public func run() throws { try run { _ in .proceed } }

  /// The mean loss and accuracy over some samples of the training set, unchanged, with the averaged
  /// weights where the settings ask for an average.
  public func evaluate(_ numbers: [Int32]) -> LossValue {
    evaluate(numbers, of: state.averagedNetwork)
  }

  func evaluate(_ numbers: [Int32], of network: Network) -> LossValue {
    predictor.update(network)
    return predictor.evaluate(source, numbers, loss: settings.loss, smoothing: smoothing).value
  }

  private var hasClasses: Bool { source.targets == .classes }

  /// The samples as the network sees them in the current epoch.
  var seenSamples: any SampleSource {
    guard AugmentedSamples.areNeeded(settings) else { return smoothed }
    if let seen, seen.epoch == state.epoch { return seen.samples }
    let samples = SmoothedTargets.of(
      AugmentedSamples(
        source, settings: settings, training: split.training, epoch: state.epoch,
        outputs: state.network.outputShape.count), smoothing)
    seen = (state.epoch, samples)
    return samples
  }

  /// The learning rate of the step that comes next.
  var rate: Float {
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
        hasClasses: hasClasses, loss: result.loss, gradientNorm: result.gradientNorm,
        learningRate: rate)
      if let warning = try gradientWarning(result.gradientNorm) {
        if try stops(observer(.warning(warning))) { return .stop }
      }
      if try stops(observer(.step(report))) { return .stop }
      // What ends an epoch takes no step of its own.
      if result.wishes.contains(.stop) || isAtLastStep, state.batch < batches { return .stop }
    }
    return .proceed
  }

  private func step(
    _ numbers: UnsafeBufferPointer<Int32>, rate: Float
  ) throws -> GradientStep.Result {
    let result = try gradientStep.run(
      state.network, seenSamples, numbers, seed: settings.seed, epoch: state.epoch,
      wishes: wishes)
    let isFinite = result.loss.sum.isFinite && result.gradientNorm.isFinite
    // What is not finite may be in any rank's part.
    if !dividesUpdates || !isFinite { try gradientStep.completeGradient() }
    guard isFinite else { throw divergence(findFault(numbers)) }
    beginUpdate()
    state.update(
      settings.update, gradient: gradientStep.gradient, norm: result.gradientNorm, rate: rate,
      plan: dividesUpdates ? dividedPlan : plan, pool: pool)
    try endUpdate(result.wishes)
    gradientStep.updateStatistics(of: &state.network)
    hasGradient = true
    state.updateAverage(decay: settings.weightAverage, pool: pool)
    return result
  }

  private func finishEpoch() throws(RanksError) -> EpochRecord {
    let lastStep = (state.epoch + 1) * batchesPerEpoch - 1
    var record = EpochRecord(
      epoch: state.epoch + 1, loss: state.running.mean,
      accuracy: hasClasses ? state.running.accuracy : nil,
      learningRate: Double(rate(at: lastStep)),
      seconds: state.runningSeconds)
    if !validationNumbers.isEmpty { try validate(&record) }
    state.epoch += 1
    state.batch = 0
    state.running = LossValue()
    state.runningSeconds = 0
    state.history.append(record)
    if !validationNumbers.isEmpty {
      if state.best.map({ settings.monitor.isBetter(record, than: $0) }) ?? true {
        state.best = record
      }
      if let patience = settings.patience,
        state.epochsWithoutGain(above: settings.minDelta, by: settings.monitor) >= patience
      {
        state.stoppedEarly = true
      }
    }
    return record
  }

  /// Adds what the validation samples show. What is not finite counts as missing, as in a file, so
  /// that a resumed run compares epochs alike.
  private func validate(_ record: inout EpochRecord) throws(RanksError) {
    predictor.update(state.averagedNetwork)
    let metrics = settings.validationMetrics
    let scores = try predictor.evaluate(
      validationSource, validationNumbers, loss: settings.loss, smoothing: smoothing,
      metrics: metrics, over: ranks)
    record.validationLoss = scores.value.mean.isFinite ? scores.value.mean : nil
    if hasClasses { record.validationAccuracy = scores.value.accuracy }
    guard !metrics.isEmpty else { return }
    record.validationMetrics = Dictionary(
      uniqueKeysWithValues: scores.metrics.filter(\.value.isFinite).map { ($0.name, $0.value) })
  }
}
