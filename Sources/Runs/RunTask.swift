import Files
import ModelFiles
import Training

/// One run that a sweep or a proof needs, or what is left of it.
package struct RunTask: Sendable {
  /// What it is called in messages.
  package let title: String
  /// The model.
  package let model: ModelFile
  /// The file that the model is in, with all settings but the seed.
  package let modelFile: String
  /// The settings, with the seed.
  package let settings: TrainingSettings
  /// What it trains on.
  package let data: LabelledData
  /// The data for validation alone; `nil` where there is none.
  package let validation: LabelledData?
  /// The file of its last state.
  package let file: String
  /// The step of the state in ``file`` that it resumes from; `nil` where it begins.
  package let resumedFrom: Int?
  /// How it is carried out.
  package let options: RunOptions
  /// The step of the whole run that is its last one: right after it the run is to end as if its
  /// process were killed, with nothing saved.
  package let abandonedAfter: Int?

  /// Creates a task; see the properties.
  package init(
    title: String, model: ModelFile, modelFile: String, settings: TrainingSettings,
    data: LabelledData, validation: LabelledData? = nil, file: String, resumedFrom: Int?,
    options: RunOptions, abandonedAfter: Int?
  ) {
    (self.title, self.model, self.modelFile, self.settings) = (title, model, modelFile, settings)
    (self.data, self.validation) = (data, validation)
    (self.file, self.resumedFrom) = (file, resumedFrom)
    (self.options, self.abandonedAfter) = (options, abandonedAfter)
  }

  /// A file beside the states for the messages of a run in another process.
  package var messageFile: String {
    file.lastIndex(of: "/").map { file[...$0] + "messages.txt" } ?? "messages.txt"
  }
}

/// How a ``RunTask`` ended.
package enum RunTaskEnd: Sendable, Equatable {
  /// It ran to its end.
  case finished
  /// Its numbers stopped being finite; says where.
  case diverged(String)
  /// It was stopped, and is saved.
  case stopped
  /// It was abandoned, as planned.
  case abandoned
}

/// Makes the runs of a sweep or a proof.
package protocol RunMaker {
  /// Makes a run, or what is left of it.
  ///
  /// - Parameter observer: is told what happens, as far as that is known.
  /// - Throws: what is wrong with data, files or the machine, which concerns other runs as well; and
  ///   what `observer` throws.
  func make(
    _ task: RunTask, _ observer: (RunEvent) throws -> TrainingDecision
  ) throws -> RunTaskEnd
}

/// Makes runs in the process that asks.
package struct RunInProcess: RunMaker, Sendable {
  private struct Abandoned: Error {}

  /// Creates a maker, which keeps no state.
  package init() {}

  /// Trains, and abandons the run after the step that the task states.
  package func make(
    _ task: RunTask, _ observer: (RunEvent) throws -> TrainingDecision
  ) throws -> RunTaskEnd {
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
}
