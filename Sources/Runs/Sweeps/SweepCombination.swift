import Files
import NeuralNetwork
import Training

/// One model with one value of each setting of a sweep.
public struct SweepCombination: Sendable, Equatable {
  /// The model file, as it is stated.
  public let model: String
  /// The values, in the order of the sweep's file.
  public let choices: [SweepChoice]

  /// `key=value`, with spaces between.
  public var label: String { choices.map { "\($0.key)=\($0.text)" }.joined(separator: " ") }

  /// The values as options.
  public var options: TrainingOptions {
    choices.reduce(TrainingOptions()) { $1.options.filled(from: $0) }
  }

  /// An error in a setting, at the place where the sweep's `file` states it; where the setting is
  /// the model's own, the place is this combination.
  public func error(_ error: SettingError, file: String) -> FileError {
    let choice = choices.first {
      error.setting == $0.key || error.setting.hasPrefix("\($0.key).")
    }
    let together = ([model] + choices.map { "\($0.key)=\($0.text)" }).joined(separator: " ")
    return FileError(
      .invalid, file: file, place: choice.map(\.place) ?? together,
      expected: "\(error.setting): \(error.expected)", found: error.found)
  }
}
