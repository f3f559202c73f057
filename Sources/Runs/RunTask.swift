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
  /// The file for the messages of a run in another process.
  package let messageFile: String

  /// Creates a task; see the properties. Its messages go to `messages.txt` beside the states unless another
  /// file is named.
  package init(
    title: String, model: ModelFile, modelFile: String, settings: TrainingSettings,
    data: LabelledData, validation: LabelledData? = nil, file: String, resumedFrom: Int?,
    options: RunOptions, abandonedAfter: Int?, messageFile: String? = nil
  ) {
    (self.title, self.model, self.modelFile, self.settings) = (title, model, modelFile, settings)
    (self.data, self.validation) = (data, validation)
    (self.file, self.resumedFrom) = (file, resumedFrom)
    (self.options, self.abandonedAfter) = (options, abandonedAfter)
    self.messageFile =
      messageFile ?? file.lastIndex(of: "/").map { file[...$0] + "messages.txt" } ?? "messages.txt"
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
