import Checkpoints
import NeuralNetwork
import Training

/// How a run is carried out. Nothing here changes its result.
public struct RunOptions: Sendable, Equatable {
  /// How often the state is saved between the ends of epochs, after each of which it is saved anyway.
  public var saveEvery: SavingInterval?
  /// How many states from before the last save are kept, 0 to ``CheckpointFiles/mostKept``.
  public var keep: Int
  /// Whether the files of another run may be replaced.
  public var replacesExisting: Bool
  /// The step of the whole run, counted from 1, after which it stops and is saved; `nil` for none.
  public var maxSteps: Int?
  /// The number of threads; one for each processor where `nil`.
  public var threads: Int?

  /// Saves after each epoch, keeps no earlier states and replaces nothing, unless told otherwise.
  public init(
    saveEvery: SavingInterval? = nil, keep: Int = 0, replacesExisting: Bool = false,
    maxSteps: Int? = nil, threads: Int? = nil
  ) {
    self.saveEvery = saveEvery
    self.keep = keep
    self.replacesExisting = replacesExisting
    self.maxSteps = maxSteps
    self.threads = threads
  }

  /// Throws for the first option that is out of its range.
  public func check() throws(SettingError) {
    switch saveEvery {
    case .steps(let steps) where steps < 1:
      throw SettingError("save_every", expected: "at least 1 step", found: "\(steps)")
    case .time(let time) where time <= .zero:
      throw SettingError("save_every", expected: "more than no time", found: "\(time)")
    default: break
    }
    guard (0...CheckpointFiles.mostKept).contains(keep) else {
      throw SettingError("keep", expected: "0 to \(CheckpointFiles.mostKept)", found: "\(keep)")
    }
    if let maxSteps, maxSteps < 1 {
      throw SettingError("max_steps", expected: "at least 1", found: "\(maxSteps)")
    }
    if let threads, threads < 1 {
      throw SettingError("threads", expected: "at least 1", found: "\(threads)")
    }
  }
}
