import Files
import ModelFiles
import NeuralNetwork
import Training

/// The block `settings:` of a sweep's file, whose values are read once their number is known to be within
/// bounds.
struct SweepSettings {
  private let file: String
  private let values: [(key: YAMLNode, value: YAMLNode, about: SettingDescription?)]

  /// Reads the keys.
  ///
  /// - Parameters:
  ///   - hasFolds: whether the sweep has folds, so that no setting may say what validates.
  ///   - dropsFraction: whether the folds take the place of a `validation_fraction`.
  init(_ f: YAMLFields, hasFolds: Bool, dropsFraction: Bool) throws(FileError) {
    file = f.file
    guard let settings = f.node("settings") else {
      values = []
      return
    }
    let allowed = TrainingOptions.keys.filter { $0 != "seed" }
    _ = try YAMLFields(settings, file: file, owner: "settings", allowed: allowed)
    // In the order of the file.
    values = (settings.mapping ?? [:]).map { key, value in
      (key, value, TrainingOptions.descriptions.first { $0.key == key.scalar?.string })
    }.filter { !dropsFraction || $0.2?.key != "validation_fraction" }
    let asides = values.filter {
      ["validation_fraction", "fold"].contains($0.about?.key)
    }
    if let first = asides.first, hasFolds || asides.count > 1 {
      throw FileError.yaml(
        file, first.key,
        expected: hasFolds
          ? "no \(first.about?.key ?? "") with folds, which validate"
          : "validation_fraction or fold, not both",
        found: first.key.summary)
    }
  }

  /// How many values each setting is to take.
  var counts: [Int] { values.map { $0.value.sequence?.count ?? 1 } }

  /// The choices of settings: all of them, the last setting's changing fastest, or a number of samples.
  func choices(
    samples: Int?, seed: UInt64, _ f: YAMLFields
  ) throws(FileError) -> [[SweepChoice]] {
    let settings = try values.map { (key, value, about) throws(FileError) in
      if let about, SweepRange.isStated(value, for: about) {
        guard samples != nil else {
          throw FileError.yaml(
            file, value,
            expected:
              "\(about.key): a value or a list of values, or samples: a number, with a range",
            found: value.summary)
        }
        return SweepValues.range(try SweepRange(key, value, for: about, file: file))
      }
      let values = try f.values(value, key.scalar?.string ?? "")
      return .choices(
        try values.map { (value) throws(FileError) in try SweepChoice(key, value, file: file) })
    }
    guard let samples else {
      var all: [[SweepChoice]] = [[]]
      for case .choices(let choices) in settings {
        all = all.flatMap { start in choices.map { start + [$0] } }
      }
      return all
    }
    var found = 0
    guard
      let draws = try SweepSearch.draws(
        samples, of: settings, seed: seed, file: file, found: &found)
    else {
      throw FileError(
        .invalid, file: file, place: f.node("samples")?.place,
        expected: "samples: at most \(found), as there are no more choices of settings",
        found: "\(samples)")
    }
    return draws
  }
}
