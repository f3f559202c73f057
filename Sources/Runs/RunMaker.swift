import Platform
import Training

/// Makes the runs of a sweep or a proof.
package protocol RunMaker {
  /// Begins a run, or what is left of it.
  ///
  /// - Throws: what is wrong with data, files or the machine, which concerns other runs as well.
  func begin(_ task: RunTask) throws -> any RunUnderWay

  /// Whether the user wants all runs to end, each with its state saved.
  var isStopped: Bool { get }

  /// Lets some time pass in which runs go on.
  func pause()
}

extension RunMaker {
  /// Nobody but an observer ends runs.
  package var isStopped: Bool { false }

  /// Five milliseconds.
  package func pause() { usleep(5000) }

  /// Makes a run, or what is left of it.
  ///
  /// - Parameter observer: is told what happens, as far as that is known.
  /// - Throws: what is wrong with data, files or the machine, which concerns other runs as well; and
  ///   what `observer` throws.
  package func make(
    _ task: RunTask, _ observer: (RunEvent) throws -> TrainingDecision
  ) throws -> RunTaskEnd {
    let run = try begin(task)
    while true {
      if let end = try run.poll(observer) { return end }
      pause()
    }
  }
}

/// A run that a ``RunMaker`` has begun.
package protocol RunUnderWay: AnyObject {
  /// How the run ended; `nil` while it is under way.
  ///
  /// - Parameter observer: is told what has happened since the last call, as far as that is known.
  /// - Throws: what is wrong with data, files or the machine; and what `observer` throws.
  func poll(_ observer: (RunEvent) throws -> TrainingDecision) throws -> RunTaskEnd?

  /// Makes it end after the current step, with its state saved; ``poll(_:)`` says when.
  func stop()
}

/// Makes runs in the process that asks, each while it is polled.
package struct RunInProcess: RunMaker, Sendable {
  /// Creates a maker, which keeps no state.
  package init() {}

  package func begin(_ task: RunTask) -> any RunUnderWay { RunHere(task) }
}

/// A run in the process that asks.
private final class RunHere: RunUnderWay {
  private struct Abandoned: Error {}

  private let task: RunTask

  init(_ task: RunTask) { self.task = task }

  /// Trains to the end, and abandons the run after the step that the task states.
  func poll(_ observer: (RunEvent) throws -> TrainingDecision) throws -> RunTaskEnd? {
    let run =
      if task.resumedFrom == nil {
        try Run(
          model: task.model, data: task.data, validation: task.validation,
          settings: task.settings, saving: task.file, options: task.options)
      } else {
        try Run(
          resuming: task.file, data: task.data, validation: task.validation,
          options: task.options)
      }
    do {
      let outcome = try run.train { event in
        if case .step = event, run.state.optimizer.step == task.abandonedAfter { throw Abandoned() }
        if try observer(event) == .stop { run.stop() }
      }
      return outcome.end == .stopped ? .stopped : .finished
    } catch is Abandoned {
      return .abandoned
    } catch let error as DivergenceError {
      return .diverged("\(error)")
    }
  }

  /// Nothing: between two calls of ``poll(_:)`` it is not under way.
  func stop() {}
}
