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
  /// Where the run writes down how it goes; `nil` for nowhere.
  public var log: LogFolder?
  /// The most threads that can be asked for.
  public static let mostThreads = 1024

  /// Saves after each epoch, keeps no earlier states, replaces nothing and logs nothing, unless told otherwise.
  public init(
    saveEvery: SavingInterval? = nil, keep: Int = 0, replacesExisting: Bool = false,
    maxSteps: Int? = nil, threads: Int? = nil, log: LogFolder? = nil
  ) {
    self.saveEvery = saveEvery
    self.keep = keep
    self.replacesExisting = replacesExisting
    self.maxSteps = maxSteps
    self.threads = threads
    self.log = log
  }

  /// Throws for the first option that is out of its range.
  package func check() throws(SettingError) {
    switch saveEvery {
    case .steps(let steps)?: try Self.check("save_every", steps, .atLeast(1))
    case .time(let time)? where time <= .zero:
      throw SettingError("save_every", expected: "more than no time", found: "\(time)")
    case .time?, nil: break
    }
    try Self.check("keep", keep, .from(0, to: CheckpointFiles.mostKept))
    if let maxSteps { try Self.check("max_steps", maxSteps, .atLeast(1)) }
    if let threads { try Self.check("threads", threads, .from(1, to: Self.mostThreads)) }
  }

  private static func check(
    _ key: String, _ value: Int, _ bounds: Bounds<Int>
  ) throws(SettingError) {
    guard bounds.contains(value) else {
      throw SettingError(key, expected: bounds.description, found: "\(value)")
    }
  }
}
