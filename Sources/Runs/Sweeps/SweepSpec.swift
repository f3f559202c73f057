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
  /// The values that each setting is to take.
  package let settings: [[SweepChoice]]

  /// Models times values of the settings, the last setting's changing fastest.
  package var combinations: [SweepCombination] {
    var all: [[SweepChoice]] = [[]]
    for choices in settings { all = all.flatMap { start in choices.map { start + [$0] } } }
    return models.flatMap { model in all.map { SweepCombination(model: model, choices: $0) } }
  }

  /// A path that the file states, relative to the working folder.
  package func path(of stated: String) -> String {
    guard !stated.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return stated }
    return file[...slash] + stated
  }

  /// The most runs that one sweep may have.
  package static let mostRuns = 10_000

  /// Reads a spec.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(text: try ModelFile.text(of: path), file: path)
  }

  /// Reads the text of a spec.
  public init(text: String, file: String) throws(FileError) {
    self.file = file
    guard let node = try YAMLNode.parse(text, file: file) else {
      throw FileError(.invalid, file: file, expected: "a sweep", found: "an empty text")
    }
    let f = try YAMLFields(
      node, file: file, owner: "sweep", allowed: ["model", "data", "seeds", "score", "settings"])
    models = try f.texts(try f.required("model"), "model")
    score = try f.choice("score", Score.self) ?? .validation
    let seeds = try f.required("seeds")
    let seedTexts = try f.texts(seeds, "seeds")
    var values: [(key: YAMLNode, values: [YAMLNode])] = []
    if let settings = f.node("settings") {
      let allowed = TrainingOptions.keys.filter { $0 != "seed" }
      _ = try YAMLFields(settings, file: file, owner: "settings", allowed: allowed)
      // In the order of the file.
      for (key, value) in settings.mapping ?? [:] {
        values.append((key, try f.values(value, key.scalar?.string ?? "")))
      }
    }
    // Before the values are read, as very many would take long.
    var runs = 1
    for count in [models.count, seedTexts.count] + values.map(\.values.count)
    where runs <= Self.mostRuns { runs *= count }
    guard runs <= Self.mostRuns else {
      throw FileError.yaml(file, node, expected: "at most \(Self.mostRuns) runs", found: "more")
    }
    self.seeds = try Self.seeds(seedTexts, seeds, file: file)
    settings = try values.map { (key, values) throws(FileError) in
      try values.map { (value) throws(FileError) in try SweepChoice(key, value, file: file) }
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
