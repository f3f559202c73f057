import Files
import NeuralNetwork
import Runs
import TestSupport
import Testing
import Training

/// Settings that are drawn by chance.
@Suite struct SweepSearchTests {
  private static func spec(
    _ samples: Int, seed: Int? = nil, _ settings: String
  ) throws -> SweepSpec {
    try SweepSpec(
      text: "model: m.yaml\ndata: d\nseeds: 1\nsamples: \(samples)\n"
        + (seed.map { "samples_seed: \($0)\n" } ?? "") + "settings:\n\(settings)",
      file: "s.yaml")
  }

  private static let all = """
      learning_rate: {from: 0.0001, to: 0.1, scale: log}
      mixup: {from: 0, to: 0.5}
      label_smoothing: {from: 0.05, to: 0.0512}
      batch_size: {from: 16, to: 19}
      epochs: {from: 1, to: 1000, scale: log}
      optimizer: [adam, adamw]
      schedule: cosine

    """

  private static func values(_ key: String, _ spec: SweepSpec) throws -> [Double] {
    try spec.combinations.map { combination in
      let choice = try #require(combination.choices.first { $0.key == key })
      return try #require(Double(choice.text))
    }
  }

  @Test func drawsAreTheSameTwiceAndStayInside() throws {
    let spec = try Self.spec(400, Self.all)
    #expect(try Self.spec(400, Self.all) == spec)
    #expect(spec.combinations.count == 400 && spec.samples == 400)
    for (key, ends) in [
      ("learning_rate", 0.0001...0.1), ("mixup", 0...0.5), ("label_smoothing", 0.05...0.0512),
      ("batch_size", 16...19), ("epochs", 1...1000),
    ] {
      let values = try Self.values(key, spec)
      #expect(values.allSatisfy { ends.contains($0) }, "\(key)")
    }
    #expect(Set(try Self.values("batch_size", spec)) == [16, 17, 18, 19])
    // Three digits, or a thousandth of a narrow range.
    for combination in spec.combinations {
      for choice in combination.choices where ["learning_rate", "mixup"].contains(choice.key) {
        let digits = choice.text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }
        #expect(digits.count <= 3, "\(choice.text)")
      }
    }
    #expect(Set(try Self.values("label_smoothing", spec)).count > 100)
    for combination in spec.combinations {
      #expect(throws: Never.self) { try combination.options.resolve(defaultSeed: 1) }
    }
  }

  /// A tenth of 400 draws have a standard deviation of 6.
  @Test func aScaleSaysWhereDrawsLie() throws {
    let spec = try Self.spec(400, Self.all)
    let rates = try Self.values("learning_rate", spec)
    for low in [0.0001, 0.001, 0.01] {
      let count = rates.count { $0 >= low && $0 < 10 * low }
      #expect((100...167).contains(count), "from \(low): \(count)")
    }
    let shares = try Self.values("mixup", spec)
    for low in [0, 0.1, 0.2, 0.3, 0.4] {
      let count = shares.count { $0 >= low && $0 < low + 0.1 }
      #expect((50...110).contains(count), "from \(low): \(count)")
    }
    let epochs = try Self.values("epochs", spec)
    #expect((100...167).contains(epochs.count { $0 < 10 }))
  }

  @Test func moreSamplesBeginWithTheFewerOnes() throws {
    let (few, many) = (try Self.spec(20, Self.all), try Self.spec(50, Self.all))
    let labels = few.combinations.map(\.label)
    #expect(many.combinations.prefix(20).map(\.label) == labels)
    let other = try Self.spec(20, seed: 1, Self.all)
    #expect(Set(other.combinations.map(\.label)).isDisjoint(with: labels))
    #expect(try Self.spec(20, seed: 0, Self.all).combinations.map(\.label) == labels)
  }

  @Test func aFurtherSettingLeavesTheOthersAsTheyAre() throws {
    let rate = "  learning_rate: {from: 0.0001, to: 0.1, scale: log}\n"
    let more = try Self.spec(20, "  mixup: {from: 0, to: 1}\n\(rate)")
    #expect(
      try Self.values("learning_rate", more) == Self.values("learning_rate", Self.spec(20, rate)))
  }

  @Test func choicesAreDrawnOnceEach() throws {
    let settings = "  batch_size: [16, 32, 64]\n  optimizer: [adam, sgd]\n"
    let spec = try Self.spec(6, settings)
    #expect(Set(spec.combinations.map(\.label)).count == 6)
    #expect(
      complaint { _ = try Self.spec(7, settings) }
        == "s.yaml: line 4, column 10: expected samples: at most 6, as there are no more choices of"
        + " settings, found 7")
    #expect(
      complaint {
        _ = try SweepSpec(text: "model: m\ndata: d\nseeds: 1\nsamples: 2\n", file: "s.yaml")
      }
        == "s.yaml: line 4, column 10: expected samples: at most 1, as there are no more choices of"
        + " settings, found 2")
  }

  @Test(arguments: [
    (
      "{from: 1, to: 0.5}",
      "line 6, column 18: expected learning_rate: a range whose to is above its from, found from 1.0 to 0.5"
    ),
    (
      "{from: 0, to: 1, scale: log}",
      "line 6, column 18: expected learning_rate: a range from above 0 for the scale log, found from 0.0"
    ),
    (
      "{from: -1, to: 1}",
      "line 6, column 25: expected learning_rate: a number of at least 0, found \"-1\""
    ),
    (
      "{from: 0, to: fast}",
      "line 6, column 32: expected learning_rate: a number of at least 0, found \"fast\""
    ),
    (
      "{from: 0, to: 1, scale: cubic}",
      "line 6, column 42: expected scale: one of linear, log, found \"cubic\""
    ),
    (
      "{from: 0}", "line 6, column 18: expected the key \"to\" of learning_rate's range, found none"
    ),
    (
      "{from: 0, to: 1, by: 2}",
      "line 6, column 35: expected a key of learning_rate's range (from, to, scale), found \"by\""
    ),
    (
      "0.1\n  epochs: {from: 1, to: 2.5}",
      "line 7, column 25: expected epochs: a whole number, 1 to 1000000, found \"2.5\""
    ),
    (
      "0.1\n  optimizer: {from: 1, to: 2}",
      "line 7, column 14: expected optimizer: a value or a list of values, as only numbers have a range, found a mapping of 2"
    ),
    (
      "0.1\n  limit: {from: 1, to: 9223372036854775807}",
      "line 7, column 24: expected to: a whole number up to 9007199254740992, found \"9223372036854775807\""
    ),
    (
      "0.1\n  clip_norm: {from: none, to: 2}",
      "line 7, column 21: expected from: a number, found \"none\""
    ),
  ]) func rangesThatMakeNoSenseAreNamedWhereTheyStand(range: String, message: String) {
    #expect(
      complaint { _ = try Self.spec(3, "  learning_rate: \(range)\n") } == "s.yaml: \(message)")
  }

  @Test func aRangeNeedsSamples() {
    #expect(
      complaint {
        _ = try SweepSpec(
          text: "model: m\ndata: d\nseeds: 1\nsettings: {learning_rate: {from: 0, to: 1}}\n",
          file: "s.yaml")
      }
        == "s.yaml: line 4, column 27: expected learning_rate: a value or a list of values, or samples:"
        + " a number, with a range, found a mapping of 2")
  }
}
