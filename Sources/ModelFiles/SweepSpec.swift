import Files
import Training

/// Runs to be made: models and settings, each with several seeds.
public struct SweepSpec: Sendable, Equatable {
  /// What runs are judged by.
  public enum Score: String, CaseIterable, Sendable {
    /// The accuracy on validation images, by which one may choose.
    case validation
    /// The accuracy on test images, for what has been chosen.
    case test
  }

  /// The model files.
  public var models: [String]
  /// The data folder.
  public var data: String
  /// The seeds.
  public var seeds: [UInt64]
  /// What runs are judged by.
  public var score: Score
  /// Keys of a `training:` block with the values each is to take.
  public var settings: [(key: String, values: [String])]

  /// Models times values of the settings, the last setting's changing fastest.
  public var combinations: [(model: String, settings: [(key: String, value: String)])] {
    var all: [[(key: String, value: String)]] = [[]]
    for (key, values) in settings {
      all = all.flatMap { start in values.map { start + [(key, $0)] } }
    }
    return models.flatMap { model in all.map { (model, $0) } }
  }

  /// The most runs that one sweep is made of.
  public static let mostRuns = 10_000

  /// Reads a spec.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(text: try ModelFile.text(of: path), file: path)
  }

  /// Reads the text of a spec.
  public init(text: String, file: String) throws(FileError) {
    guard let node = try YAMLNode.parse(text, file: file) else {
      throw FileError(.invalid, file: file, expected: "a sweep", found: "an empty text")
    }
    let f = try YAMLFields(
      node, file: file, owner: "sweep", allowed: ["model", "data", "seeds", "score", "settings"])
    models = try f.texts(try f.required("model"), "model")
    data = try f.text("data") ?? "Datasets/mnist"
    score = try f.choice("score", Score.self) ?? .validation
    let place = try f.required("seeds")
    seeds = []
    for text in try f.texts(place, "seeds") {
      guard let seed = UInt64(text), !seeds.contains(seed) else {
        throw FileError.yaml(
          file, place, expected: "seeds: whole numbers from 0, each once", found: "\"\(text)\"")
      }
      seeds.append(seed)
    }
    settings = []
    if let node = f.node("settings") {
      let allowed = TrainingOptions.keys.filter { $0 != "seed" }
      let values = try YAMLFields(node, file: file, owner: "settings", allowed: allowed)
      // In the order of the file.
      for (key, value) in node.mapping ?? [:] {
        guard let name = key.scalar?.string else { continue }
        settings.append((name, try values.texts(value, name)))
      }
    }
    var runs = models.count * seeds.count
    for (_, values) in settings where runs <= Self.mostRuns { runs *= values.count }
    guard runs <= Self.mostRuns else {
      throw FileError.yaml(
        file, node, expected: "at most \(Self.mostRuns) runs", found: "more")
    }
  }

  /// Compares all parts.
  public static func == (a: SweepSpec, b: SweepSpec) -> Bool {
    a.models == b.models && a.data == b.data && a.seeds == b.seeds && a.score == b.score
      && a.settings.map(\.key) == b.settings.map(\.key)
      && a.settings.map(\.values) == b.settings.map(\.values)
  }
}
