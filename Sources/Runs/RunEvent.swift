import ImageData
import NeuralNetwork
import Training

/// What a run reports to its observer.
public enum RunEvent: Sendable {
  /// Something that may be unintended, or does not go well. What is known from the start comes
  /// before the first step; a ``RunWarning/training(_:)`` comes at most once an epoch for each
  /// layer.
  case warning(RunWarning)
  /// A batch is done.
  case step(StepReport)
  /// An epoch is done and saved; `isBest` where it is the best so far by validation.
  case epoch(EpochRecord, isBest: Bool)
  /// The state is in this file.
  case saved(String)
  /// Training ends because validation has not improved for the settings' patience.
  case stoppedEarly(best: EpochRecord)
}

/// Something that does not stop a run, but should be known.
public enum RunWarning: Sendable, Equatable, CustomStringConvertible {
  /// A sign in the numbers of the run.
  case training(TrainingWarning)
  /// Images are mirrored, and nothing shows that their classes survive it.
  case flip(Augmentation.Flip, doubt: String)
  /// A resumed state does not say what it was trained on, so the data was taken as it is.
  case unverifiedData(state: String)
  /// A state was saved by another version, whose sums may have had another order: what a resumed run ends
  /// with may differ in its last digits from what that version would have ended with.
  case otherVersion(state: String, version: String)
  /// The run was extended beyond its schedule, whose length of this many epochs stays.
  case scheduleEnds(epochs: Int)
  /// Threads have nothing to do: the run is as it should be, and slower than it could be.
  case idleProcessors(IdleProcessors)
  /// A sweep scores several models or settings by the test images.
  case choiceOnTestImages
  /// A sweep's folder is on a file system without locks, which would keep workers apart.
  case folderWithoutLocks(folder: String)
  /// What a run in another process reported.
  case reported(String)

  /// One line.
  public var description: String {
    switch self {
    case .training(let warning): "\(warning)"
    case .flip(let flip, let doubt):
      "augmentation: flip=\(flip.rawValue): \(doubt); a mirrored shirt is a shirt, but a mirrored 2"
        + " is no digit"
    case .unverifiedData(let state):
      "\(state) does not say what it was trained on, so it is not known whether this is the same data"
    case .otherVersion(let state, let version):
      "minicnn \(version) saved \(state), and this is \(LibraryVersion.current): the last digits may come out"
        + " otherwise than they would have there"
    case .scheduleEnds(let epochs):
      "the schedule keeps its length of \(counted(epochs, "epoch")); after it the last learning rate holds"
    case .idleProcessors(let idle): "\(idle)"
    case .choiceOnTestImages:
      "score: test with several models or settings: the best of them on the test images looks better"
        + " than it is; choose with score: validation, then test the chosen one"
    case .folderWithoutLocks(let folder):
      "\(folder): this file system has no locks, so no two workers may use the folder at once; make parts"
        + " of the sweep and join them"
    case .reported(let text): text
    }
  }

  /// Whether nothing is wrong, and the run could only be faster.
  public var isAdvice: Bool {
    if case .idleProcessors = self { true } else { false }
  }

  /// What it is about, without numbers that change from epoch to epoch: one warning of a subject is
  /// enough for a reader.
  package var subject: String {
    switch self {
    case .training(.deadUnits(let layer, _, _, _)): "dead \(layer)"
    case .training(.saturated(let layer, _)): "saturated \(layer)"
    case .training(.largeGradient(let layer, _, _, _)): "gradient \(layer)"
    default: description
    }
  }
}

/// How a call of ``Run/train(_:)`` ended.
public struct RunOutcome: Sendable, Equatable {
  /// What ended it.
  public enum End: Sendable, Equatable {
    /// All epochs are done.
    case finished
    /// Validation did not improve for the settings' patience.
    case stoppedEarly
    /// The steps of ``RunOptions/maxSteps`` are done.
    case reachedMaxSteps
    /// ``Run/stop()`` was called.
    case stopped
  }

  /// What ended it.
  public let end: End
  /// The steps of the whole run that are done.
  public let steps: Int
  /// The epochs that are done.
  public let epochs: Int
  /// The best epoch by validation.
  public let best: EpochRecord?
  /// The file of the last state.
  public let file: String
  /// The file of the best state; `nil` where there is none.
  public let bestFile: String?
}

extension Augmentation {
  /// A warning where images are mirrored and nothing shows that their classes survive it.
  package func flipWarning(for data: LabelledData) -> RunWarning? {
    guard let flip, let doubt = data.doubtAboutClasses else { return nil }
    return .flip(flip, doubt: doubt)
  }
}

extension LabelledData {
  /// Why it is not known what the classes are; `nil` where they are named in words.
  fileprivate var doubtAboutClasses: String? {
    guard let classNames else {
      return paths.count == 1
        ? "\(name) has no classes.txt to say what the classes are"
        : "nothing says what the classes are"
    }
    guard classNames.names.allSatisfy({ Int($0) != nil }) else { return nil }
    return paths.count == 1
      ? "\(name)'s classes.txt names the classes by numbers" : "the classes are named by numbers"
  }
}
