import Checkpoints
import Files
import NeuralNetwork
import Training

extension Run {
  /// Trains to the end, or until the steps of the options are done or ``stop()`` is called, and saves
  /// after every epoch, as often as the options say, and at the end; another call continues.
  ///
  /// Of several ranks each calls this, or ``FollowingRun/train(shouldStop:)``. After every epoch, before it is
  /// saved, and at the end they compare what they have come to.
  ///
  /// - Parameter observer: is told what happens, on the caller's thread, and may read ``state``
  ///   and call ``stop()``. An error that it throws ends the call with nothing saved since the last
  ///   ``RunEvent/saved(_:)``; where there are several ranks, within a step.
  /// - Throws: ``DivergenceError`` where numbers stop being finite: no such state is saved. What
  ///   `observer` throws, and a ``FileError`` where a state cannot be saved, or where another run has
  ///   been saved there since an earlier call. ``RankFault`` where another rank cannot go on or has come to
  ///   other weights, and a `RanksError` where one does not answer.
  @discardableResult
  public func train(_ observer: (RunEvent) throws -> Void = { _ in }) throws -> RunOutcome {
    isStopped = false
    defer {
      store.close()
      log?.close()
    }
    guard case .training(let trainer, _) = stage, !isDone else { return outcome }
    let failure = caught { try reopen(observer) }
    if try !group.meet(failure: failure, wishesStop: isStopped) {
      try run(trainer, observer)
    }
    let last = caught { if !trainer.state.isFinished(settings), !isSaved { try save(observer) } }
    try group.meet(failure: last)
    return outcome
  }

  private func reopen(_ observer: (RunEvent) throws -> Void) throws {
    try store.reopen()
    try log?.reopen()
    for warning in warnings { try observer(.warning(warning)) }
    warnings = []
  }

  private func run(_ trainer: Trainer, _ observer: (RunEvent) throws -> Void) throws {
    var clock = SavingClock(options.saveEvery)
    // Other ranks hear of what fails here where all of them meet next: until then they wait for this one.
    var failure: (any Error)?
    requestWholeStateIfDue(clock, trainer)
    try trainer.run { event in
      if case .epoch = event { try group.meet(trainer.state.facts, failure: failure) }
      guard failure == nil else { return .stop }
      failure = caught { try note(event, of: trainer, &clock, observer) }
      requestWholeStateIfDue(clock, trainer)
      if let failure, group.isAlone { throw failure }
      // What follows a warning belongs to the same step or epoch.
      if case .warning = event, failure == nil { return .proceed }
      return isStopped || failure != nil ? .stop : .proceed
    }
    try group.meet(trainer.state.facts, failure: failure)
  }

  /// Where ranks divide the optimizer's memory, has them put it together with a step that is to be saved.
  private func requestWholeStateIfDue(_ clock: SavingClock, _ trainer: Trainer) {
    if clock.isDue(step: trainer.state.optimizer.step + 1) { trainer.requestWholeState() }
  }

  /// Saves what an event calls for, and reports it.
  private func note(
    _ event: TrainingEvent, of trainer: Trainer, _ clock: inout SavingClock,
    _ observer: (RunEvent) throws -> Void
  ) throws {
    switch event {
    case .warning(let warning): try observer(.warning(.training(warning)))
    case .step(let report):
      isSaved = false
      FaultPoint.step.pass()
      try observer(.step(report))
      // The end of an epoch is saved as such.
      if report.batch < report.batches, !trainer.state.isDivided,
        clock.isDue(step: trainer.state.optimizer.step)
      {
        try save(observer)
        clock.reset()
      }
    case .epoch(let record, let isBest):
      try log?.add(record, of: trainer)
      // Before it is reported, so that the observer can rely on it.
      try save(isBest: isBest)
      clock.reset()
      try observer(.epoch(record, isBest: isBest))
      try observer(.saved(files.path))
    case .stoppedEarly(let best): try observer(.stoppedEarly(best: best))
    }
  }

  /// Makes ``train(_:)`` end after the current step, or where there are several ranks after the next one, with
  /// the state saved. For its observer to call.
  public func stop() { isStopped = true }

  private func save(_ observer: (RunEvent) throws -> Void) throws {
    try save(isBest: false)
    try observer(.saved(files.path))
  }

  private func save(isBest: Bool) throws {
    guard case .training(let trainer, let reference) = stage else { return }
    try trainer.checkState()
    var checkpoint = Checkpoint(
      model: model, settings: settings, state: trainer.state, data: reference,
      validation: validation?.reference, classNames: classNames)
    checkpoint.version = LibraryVersion.current
    let bringsBest = isBest || store.carriedBest != nil
    try store.save(checkpoint, isBest: isBest)
    (hasSavedState, isSaved) = (true, true)
    if bringsBest { hasBestState = true }
  }

  private var outcome: RunOutcome {
    let state = state
    let end: RunOutcome.End =
      if state.stoppedEarly {
        .stoppedEarly
      } else if state.isFinished(settings) {
        .finished
      } else {
        hasReachedMaxSteps && !isStopped ? .reachedMaxSteps : .stopped
      }
    return RunOutcome(
      end: end, steps: state.optimizer.step, epochs: state.epoch, best: state.best,
      file: files.path, bestFile: hasBestState ? files.best : nil)
  }
}
