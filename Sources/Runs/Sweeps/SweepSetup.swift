import Files
import ModelFiles
import NeuralNetwork
import Training

/// One model with one choice of settings, checked.
struct SweepSetup: Sendable {
  let model: ModelFile
  /// The settings, except for the seed.
  let settings: TrainingSettings
  /// What the settings are called.
  var label: String { combination.wholeLabel }
  /// The model and the settings that a row of the table is of: those of all folds.
  var row: (model: String, label: String) { (combination.model, combination.label) }
  /// The file of the model, as the sweep states it.
  var file: String { combination.model }
  private let combination: SweepCombination
  private let spec: SweepSpec

  init(_ combination: SweepCombination, of spec: SweepSpec) throws(FileError) {
    let path = spec.modelPath(combination.model)
    let base = try ModelFile(contentsOf: path)
    let options: TrainingOptions
    do throws(SettingError) {
      options = try combination.options.filled(from: base.training)
      settings = try options.resolve(defaultSeed: 0)
    } catch {
      throw combination.error(error, file: spec.file)
    }
    guard let model = ModelFile(base.spec, training: options) else {
      throw FileError(.invalid, file: path, found: "a model that cannot be written")
    }
    guard spec.score == .test || settings.setsAside else {
      throw FileError(
        .invalid, file: spec.file, place: "score",
        found: "validation needs a validation_fraction above 0 in \(path) or the settings")
    }
    self.model = model
    (self.combination, self.spec) = (combination, spec)
  }

  /// The beginning of the names of its runs' files, on data with this digest: runs with other
  /// settings, or on other data, are never mistaken for these.
  func name(dataSHA256: String) -> String {
    let digest = SHA256.digest(Array("\(model.text)\n\(dataSHA256)".utf8)).hexadecimal
    return "\(model.spec.name)-\(digest.prefix(16))"
  }

  /// Throws where the model cannot be built, or does not suit the data, or runs on it could not be
  /// scored.
  func check(training: LabelledData, test: LabelledData?) throws(FileError) {
    for data in [training, test] {
      guard let data, data.samples.targets != .classes else { continue }
      throw FileError(
        .invalid, file: spec.file, place: "data",
        expected: "images with classes, as runs are scored by their accuracy",
        found: "targets that are numbers in \(data.name)")
    }
    let network = try model.spec.network(
      seed: 0, loss: settings.loss, file: spec.modelPath(combination.model))
    try training.check(network)
    try test?.check(network)
    do throws(SettingError) {
      _ = try SampleSplit(training.samples, settings: settings)
    } catch {
      throw combination.error(error, file: spec.file)
    }
  }
}
