import NeuralNetwork
import Platform
import Training

/// What every rank but the first makes where several train one network together: it receives model, data,
/// settings and state of the first rank's ``Run``, and trains along. It prints and writes nothing.
///
/// Every rank executes the same program, which trains alone where no launcher has started several:
///
/// ```swift
/// let ranks: any Ranks = try MPIRanks.join() ?? Alone.only
/// if ranks.isFirst {
///   let run = try Run(
///     model: spec, data: folder, settings: settings, saving: "digits.weights.h5", ranks: ranks)
///   try run.train()
/// } else {
///   try FollowingRun(ranks: ranks).train()
/// }
/// ```
///
/// The first rank's data are sent whole, so each rank needs memory for them, and reads no file. Samples of a
/// type of your own arrive as floats.
public final class FollowingRun {
  /// The processes that train together.
  public let ranks: any Ranks
  private let group: RankGroup
  /// `nil` where the first rank's run has nothing left to do.
  private let trainer: Trainer?
  private let maxSteps: Int?

  /// Waits for the first rank to make its ``Run``, and receives it.
  ///
  /// - Parameter threads: the number of threads; where `nil`, this rank's share of the processors of its host.
  /// - Throws: ``RankFault`` where the first rank cannot begin, or a rank differs from it; a `RanksError` where
  ///   one does not answer; what prevents this rank from training, which ends the run on all.
  public init(ranks: any Ranks, threads: Int? = nil) throws {
    require(!ranks.isFirst, "rank 0 leads with a Run, and follows none")
    let group = try RankGroup.form(of: ranks) {}.0
    let made = try group.make {
      try ReceivedStart(over: ranks).map { start in
        (start, try start.trainer(threads: threads ?? group.threads, ranks: ranks))
      }
    } alike: {
      $0.map { start, trainer in start.facts(of: trainer.state) } ?? []
    }
    if let trainer = made?.1 {
      _ = try group.gather(
        threads: trainer.threads, of: threads ?? group.threads ?? trainer.threads)
    }
    (self.ranks, self.group) = (ranks, group)
    (trainer, maxSteps) = (made?.1, made?.0.maxSteps)
  }

  /// The state that the run has reached, as ``Run/state``; `nil` where the first rank's run had nothing left to do.
  public var state: TrainingState? { trainer?.state }

  /// The settings of the run; `nil` where the first rank's run had nothing left to do.
  public var settings: TrainingSettings? { trainer?.settings }

  /// The number of threads that work on this rank; 0 where nothing is left to do.
  public var threads: Int { trainer?.threads ?? 0 }

  /// Whether nothing is left to do.
  public var isDone: Bool {
    guard let trainer else { return true }
    return trainer.state.isFinished(trainer.settings)
      || maxSteps.map { trainer.state.optimizer.step >= $0 } ?? false
  }

  /// Trains along until the first rank's ``Run/train(_:)`` ends; one call here for each of those.
  ///
  /// - Parameter shouldStop: is asked after every step; where it says yes, all ranks stop within a step, and
  ///   the first one saves.
  /// - Throws: `DivergenceError`, as on every rank; ``RankFault`` where a rank cannot go on or has come to
  ///   other weights; a `RanksError` where one does not answer.
  public func train(shouldStop: () -> Bool = { false }) throws {
    guard let trainer, !isDone else { return }
    if try !group.meet(wishesStop: shouldStop()) {
      try trainer.run { event in
        if case .epoch = event { try group.meet(trainer.state.facts) }
        return shouldStop() ? .stop : .proceed
      }
      try group.meet(trainer.state.facts)
    }
    // The first rank has saved.
    try group.meet()
  }
}
