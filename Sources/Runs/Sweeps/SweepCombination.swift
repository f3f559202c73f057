import Files
import ModelFiles
import NeuralNetwork
import Training

/// One model with one value of each setting of a sweep, and one fold where it has such.
package struct SweepCombination: Sendable, Equatable {
  /// The model file, as it is stated.
  package let model: String
  /// The values, in the order of the sweep's file.
  package let choices: [SweepChoice]
  /// The fold that validates.
  package let fold: Fold?

  /// `key=value`, with spaces between, without the fold.
  package var label: String { choices.map { "\($0.key)=\($0.text)" }.joined(separator: " ") }

  /// The same with the fold.
  package var wholeLabel: String {
    let parts = (label.isEmpty ? [] : [label]) + (fold.map { ["fold=\($0.text)"] } ?? [])
    return parts.joined(separator: " ")
  }

  /// The values as options.
  package var options: TrainingOptions {
    get throws(SettingError) {
      let options = choices.reduce(TrainingOptions()) { $1.options.filled(from: $0) }
      guard let fold else { return options }
      return try TrainingOptions(["fold": fold.text]).filled(from: options)
    }
  }

  /// An error in a setting, at the place where the sweep's `file` states it; where the setting is
  /// the model's own, the place is this combination.
  package func error(_ error: SettingError, file: String) -> FileError {
    let choice = choices.first {
      error.setting == $0.key || error.setting.hasPrefix("\($0.key).")
    }
    let together = [model, wholeLabel].joined(separator: " ")
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

  /// A value that was drawn, from what stands at a place in the file.
  init(key: String, text: String, place: String?) throws(SettingError) {
    var options = TrainingOptions()
    try options.state(key, text)
    (self.key, self.text, self.options, self.place) = (key, text, options, place)
  }
}
