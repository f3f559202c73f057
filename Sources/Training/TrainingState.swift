import NeuralNetwork

/// How far a run has come: with the model, the settings and the data, all that is needed to resume
/// as if it had never stopped.
public struct TrainingState: Sendable {
  /// What the run began with, and must be resumed with.
  package var basis: RunBasis
  /// The network with its current variables.
  public var network: Network
  /// The average of the variables, where the settings ask for one.
  public var average: Tensor?
  /// The optimizer's memory and its number of steps.
  public var optimizer: OptimizerState
  /// The current epoch, counted from 0; the number of finished ones.
  public var epoch = 0
  /// The number of batches of that epoch that are done.
  public var batch = 0
  /// The loss and the correct answers of those batches.
  public var running = LossValue()
  /// The seconds those batches took.
  public var runningSeconds = 0.0
  /// The finished epochs.
  public var history: [EpochRecord] = []
  /// The best epoch by validation.
  public var best: EpochRecord?
  /// Whether early stopping has ended the run.
  public var stoppedEarly = false
  /// Whether what only a resumed run needs was left out (`Checkpoint.forUse(averaged:)`).
  public package(set) var isForUse = false

  /// Whether the optimizer's memory is up to date in this process's part of the largest kernels alone, as other ranks
  /// have updated the rest: so between the steps of a `Run` on several ranks, but where it is saved. Such a
  /// state can be evaluated, unless an exchange has failed, but neither saved nor resumed.
  public package(set) var isDivided = false

  /// The state before the first step, from the weights of a network, wherever they come from.
  public init(network: Network, settings: TrainingSettings) {
    basis = RunBasis(settings)
    self.network = network
    optimizer = OptimizerState(settings.update.optimizer, for: network)
    keepAverage(settings.weightAverage != nil)
  }

  /// The network with the averaged variables where there are such, or else with the last ones.
  public var averagedNetwork: Network {
    var averaged = network
    if let average { averaged.variables = average }
    return averaged
  }

  /// What predictions, evaluations and new runs need of it: without the optimizer's memory, and with
  /// one set of weights. No run is resumed from it.
  ///
  /// - Parameter averaged: whether the averaged variables are kept, where there are such; the last ones
  ///   otherwise.
  package func forUse(averaged: Bool = true) -> TrainingState {
    var state = self
    if averaged { state.network = averagedNetwork }
    (state.average, state.optimizer.slots, state.isForUse) = (nil, [], true)
    state.isDivided = false
    return state
  }

  /// Epochs since the best one.
  package var epochsSinceBest: Int { best.map { epoch - $0.epoch } ?? 0 }

  /// Epochs since what the monitor goes by was last better by more than `least` than it had been when
  /// it last was so; since the best epoch where that is 0.
  func epochsWithoutGain(above least: Double, by monitor: Monitor) -> Int {
    guard least > 0 else { return epochsSinceBest }
    var (reference, last) = (-Double.infinity, 0)
    for record in history {
      guard let score = monitor.score(of: record), score > reference + least else { continue }
      (reference, last) = (score, record.epoch)
    }
    return epoch - last
  }

  /// Whether nothing is left to do under these settings.
  public func isFinished(_ settings: TrainingSettings) -> Bool {
    stoppedEarly || epoch >= settings.epochs
  }

  /// Makes one step of an update rule.
  mutating func update(
    _ rule: UpdateRule, gradient: Tensor, norm: Double, rate: Float, plan: UpdatePlan,
    pool: ThreadPool
  ) {
    rule.apply(
      gradient: gradient, norm: norm, rate: rate, to: &network, state: &optimizer, plan: plan,
      pool: pool)
  }

  /// Has layers learn from the training samples what they learn before the first step.
  mutating func adapt(
    to data: some SampleSource, _ numbers: [Int32], pool: ThreadPool
  ) throws(NumericFault) {
    guard optimizer.step == 0, try network.adapt(to: data, numbers, pool: pool) else { return }
    // It began with the variables as they were.
    if average != nil { average = network.variables }
  }

  /// Begins an average with the variables as they are, keeps the one there is, or drops it.
  mutating func keepAverage(_ keeps: Bool) {
    average = keeps ? average ?? network.variables : nil
  }

  /// Moves the average, if there is one, by one step.
  mutating func updateAverage(decay: Float?, pool: ThreadPool) {
    guard let decay else { return }
    WeightAverage.update(
      &average, of: network, decay: decay, step: optimizer.step, pool: pool)
  }
}
