import Files
import ModelFiles
import NeuralNetwork
import Training

/// One model with one value of each setting of a sweep.
package struct SweepCombination: Sendable, Equatable {
  /// The model file, as it is stated.
  package let model: String
  /// The values, in the order of the sweep's file.
  package let choices: [SweepChoice]

  /// `key=value`, with spaces between.
  package var label: String { choices.map { "\($0.key)=\($0.text)" }.joined(separator: " ") }

  /// The values as options.
  package var options: TrainingOptions {
    choices.reduce(TrainingOptions()) { $1.options.filled(from: $0) }
  }

  /// An error in a setting, at the place where the sweep's `file` states it; where the setting is
  /// the model's own, the place is this combination.
  package func error(_ error: SettingError, file: String) -> FileError {
    let choice = choices.first {
      error.setting == $0.key || error.setting.hasPrefix("\($0.key).")
    }
    let together = ([model] + choices.map { "\($0.key)=\($0.text)" }).joined(separator: " ")
    return FileError(
      .invalid, file: file, place: choice.map(\.place) ?? together,
      expected: "\(error.setting): \(error.expected)", found: error.found)
  }
}

/// One value of one setting of a sweep.
package struct SweepChoice: Sendable, Equatable {
  /// The setting's key in a `training:` block.
  package let key: String
  /// The value as the file states it.
  package let text: String
  /// The key with this value as options.
  package let options: TrainingOptions
  /// Where the value stands in the file, for messages.
  let place: String?

  /// Reads a value.
  init(_ key: YAMLNode, _ value: YAMLNode, file: String) throws(FileError) {
    self.key = key.scalar?.string ?? ""
    options = try TrainingOptions(YAMLNode.mapping(.init([(key, value)])), file: file)
    text = value.scalar?.string ?? options[self.key] ?? value.summary
    place = value.place
  }
}
