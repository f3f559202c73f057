import Files
import ModelFiles
import Training

/// Runs to be made: models and settings, each with several seeds.
public struct SweepSpec: Sendable, Equatable {
  /// What runs are scored by.
  public enum Score: String, CaseIterable, Sendable {
    /// The accuracy on validation images, by which one may choose.
    case validation
    /// The accuracy on test images, for what has been chosen.
    case test
  }

  /// The file, for messages; paths in it are relative to its folder.
  public let file: String
  /// The model files, as they are stated.
  public let models: [String]
  /// The data folder, as it is stated.
  public let data: String
  /// The seeds.
  public let seeds: [UInt64]
  /// What runs are scored by.
  public let score: Score
  /// The folds of cross-validation, each of which is a run; `nil` where there are none.
  public let folds: Int?
  /// The choices of settings that are drawn; `nil` where all are made.
  public let samples: Int?
  /// The values that the settings take together, in order.
  package let choices: [[SweepChoice]]

  /// Models times values of the settings times folds, the last changing fastest.
  package var combinations: [SweepCombination] {
    let folds: [Fold?] = folds.map { count in (1...count).map { Fold($0, of: count) } } ?? [nil]
    return models.flatMap { model in
      choices.flatMap { choices in
        folds.map { SweepCombination(model: model, choices: choices, fold: $0) }
      }
    }
  }

  /// Where the models are that the file states by a name and not by a path.
  package var installedModels: [String: String] = [:]
  /// Where the data are, if the file states them by a name.
  package var installedData: String?

  /// The path of a model file that the file states.
  package func modelPath(_ stated: String) -> String {
    installedModels[stated] ?? path(of: stated)
  }

  /// The path of the data folder.
  package var dataPath: String { installedData ?? path(of: data) }

  /// A path that the file states, relative to the working folder.
  package func path(of stated: String) -> String {
    guard !stated.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return stated }
    return file[...slash] + stated
  }

  /// The most runs that one sweep may have.
  package static let mostRuns = 10_000

  /// Reads a spec.
  ///
  /// - Parameter folds: the folds of cross-validation, in place of those, or of the `validation_fraction`, that the
  ///   file states.
  public init(contentsOf path: String, folds: Int? = nil) throws(FileError) {
    try self.init(text: try ModelFile.text(of: path), file: path, folds: folds)
  }

  /// Reads the text of a spec.
  public init(text: String, file: String, folds: Int? = nil) throws(FileError) {
    self.file = file
    guard let node = try YAMLNode.parse(text, file: file) else {
      throw FileError(.invalid, file: file, expected: "a sweep", found: "an empty text")
    }
    let f = try YAMLFields(
      node, file: file, owner: "sweep",
      allowed: [
        "model", "data", "seeds", "score", "folds", "samples", "samples_seed", "settings",
      ])
    models = try f.texts(try f.required("model"), "model")
    score = try f.choice("score", Score.self) ?? .validation
    let seeds = try f.required("seeds")
    let seedTexts = try f.texts(seeds, "seeds")
    let statedFolds = try f.integer("folds", in: Fold.counts)
    self.folds = folds ?? statedFolds
    samples = try f.integer("samples", in: 1...Self.mostRuns)
    let searchSeed = try f.integer("samples_seed", in: 0...Int.max) ?? 0
    let settings = try SweepSettings(
      f, hasFolds: self.folds != nil, dropsFraction: folds != nil && statedFolds == nil)
    // Before the values are read, as very many would take long.
    let choices = samples.map { [$0] } ?? settings.counts
    var runs = 1
    for count in [models.count, seedTexts.count, self.folds ?? 1] + choices
    where runs <= Self.mostRuns { runs *= count }
    guard runs <= Self.mostRuns, settings.counts.allSatisfy({ $0 <= Self.mostRuns }) else {
      throw FileError.yaml(file, node, expected: "at most \(Self.mostRuns) runs", found: "more")
    }
    self.seeds = try Self.seeds(seedTexts, seeds, file: file)
    self.choices = try settings.choices(samples: samples, seed: UInt64(searchSeed), f)
    guard self.folds == nil || score == .validation else {
      throw FileError.yaml(
        file, f.node("score") ?? node, expected: "score: validation with folds, which validate",
        found: "test")
    }
    _ = try f.required("data")
    data = try f.text("data") ?? ""
  }

  private static func seeds(
    _ texts: [String], _ node: YAMLNode, file: String
  ) throws(FileError) -> [UInt64] {
    var seeds: [UInt64] = []
    for text in texts {
      guard let seed = UInt64(text), !seeds.contains(seed) else {
        throw FileError.yaml(
          file, node, expected: "seeds: whole numbers from 0, each once",
          found: "\"\(text.prefix(60))\"")
      }
      seeds.append(seed)
    }
    return seeds
  }
}
