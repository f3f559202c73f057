import Files
import NeuralNetwork
import Runs
import TestSupport
import Testing
import Training

@Suite struct SweepSpecTests {
  private static func complaint(_ text: String) -> String {
    TestSupport.complaint { try SweepSpec(text: text, file: "s.yaml") }
  }

  @Test func combinationsAreModelsTimesValues() throws {
    let spec = try SweepSpec(
      text: """
        model: [a.yaml, b.yaml]
        data: digits
        seeds: [3, 1]
        settings:
          learning_rate: [0.1, 1e-2]
          augmentation: [none, {shift: 1, flip: both}]
          schedule: "step:every=2,factor=0.5"
        """, file: "s.yaml")
    #expect(spec.data == "digits" && spec.score == .validation && spec.seeds == [3, 1])
    let all = spec.combinations
    #expect(
      all.map(\.model) == [String](repeating: "a.yaml", count: 4) + [
        "b.yaml", "b.yaml", "b.yaml", "b.yaml",
      ])
    #expect(
      all[3].label
        == "learning_rate=1e-2 augmentation=shift=1.0,flip=both schedule=step:every=2,factor=0.5")
    let expected = try TrainingOptions([
      "learning_rate": "0.010", "augmentation": "shift=1,flip=both",
      "schedule": "step:factor=0.5,every=2",
    ])
    #expect(try all[3].options == expected)
    #expect(try all[0].options["augmentation"] == "none")
  }

  @Test func foldsChangeFastest() throws {
    let text = "model: m.yaml\ndata: d\nseeds: [1, 2]\nfolds: 3\nsettings: {epochs: [1, 2]}\n"
    let spec = try SweepSpec(text: text, file: "s.yaml")
    #expect(
      spec.combinations.map(\.wholeLabel) == [
        "epochs=1 fold=1/3", "epochs=1 fold=2/3", "epochs=1 fold=3/3", "epochs=2 fold=1/3",
        "epochs=2 fold=2/3", "epochs=2 fold=3/3",
      ])
    #expect(spec.combinations.map(\.label).prefix(3).allSatisfy { $0 == "epochs=1" })
    #expect(try spec.combinations[4].options == TrainingOptions(["epochs": "2", "fold": "2/3"]))
    #expect(try SweepSpec(text: text, file: "s.yaml", folds: 2).combinations.count == 4)
    // Folds of the command line take the place of what the file sets aside.
    let aside =
      "model: m\ndata: d\nseeds: 1\nsettings: {validation_fraction: [0.1, 0.2], epochs: 2}\n"
    #expect(
      try SweepSpec(text: aside, file: "s.yaml", folds: 2).combinations.map(\.label)
        == ["epochs=2", "epochs=2"])
  }

  @Test(arguments: [
    ("", "s.yaml: expected a sweep, found an empty text"),
    (
      "seeds: 1\n", "s.yaml: line 1, column 1: expected the key \"model\" of sweep, found none"
    ),
    (
      "model: m\nseeds: 1\n",
      "s.yaml: line 1, column 1: expected the key \"data\" of sweep, found none"
    ),
    (
      "model: m\nseeds: [1, 1]\n",
      "s.yaml: line 2, column 8: expected seeds: whole numbers from 0, each once, found \"1\""
    ),
    (
      "model: m\nseeds: []\n",
      "s.yaml: line 2, column 8: expected seeds: a value or a list of values, found a list of 0"
    ),
    (
      "model: m\nseeds: 1\n\n# rates\nsettings:\n  epochs: 3\n  momentum: 0.5\n\n  learning_rate: [0.1, fast]\n",
      "s.yaml: line 9, column 24: expected learning_rate: a number of at least 0, found \"fast\""
    ),
    (
      "model: m\nseeds: 1\nsettings:\n  learning_rate: ['0.1\"\\']\n",
      "s.yaml: line 4, column 19: expected learning_rate: a number of at least 0, found \"0.1\"\\\""
    ),
    (
      "model: m\nseeds: 1\nsettings: {epochs: \"1\\\"\\nseed: 7\"}\n",
      "s.yaml: line 3, column 20: expected epochs: a whole number, 1 to 1000000, found \"1\"?seed: 7\""
    ),
    (
      "model: m\nseeds: 1\nsettings:\n  schedule: [cosine, 'step:every=x']\n",
      "s.yaml: line 4, column 22: expected schedule.every: a whole number, 1 to 1000000, found \"step:every=x\""
    ),
    (
      "model: m\nseeds: 1\nsettings:\n  augmentation:\n    - {shift: 1}\n    - {shift: far}\n",
      "s.yaml: line 6, column 15: expected shift: a number, 0 to 1000, found \"far\""
    ),
    (
      "model: m\nseeds: 1\nfolds: 1\n",
      "s.yaml: line 3, column 8: expected folds: a whole number from 2 to 1000, found \"1\""
    ),
    (
      "model: m\nseeds: 1\nfolds: 5\nscore: test\n",
      "s.yaml: line 4, column 8: expected score: validation with folds, which validate, found test"
    ),
    (
      "model: m\nseeds: 1\nfolds: 5\nsettings: {validation_fraction: 0.1}\n",
      "s.yaml: line 4, column 12: expected no validation_fraction with folds, which validate, found \"validation_fraction\""
    ),
    (
      "model: m\nseeds: 1\nsettings: {fold: 1/2, validation_fraction: 0.1}\n",
      "s.yaml: line 3, column 12: expected validation_fraction or fold, not both, found \"fold\""
    ),
    (
      "model: m\nseeds: 1\nsamples: 0\n",
      "s.yaml: line 3, column 10: expected samples: a whole number from 1 to 10000, found \"0\""
    ),
    (
      "model: m\nseeds: 1\nsamples: 5\nsamples_seed: -1\n",
      "s.yaml: line 4, column 15: expected samples_seed: a whole number from 0, found \"-1\""
    ),
    (
      "model: m\nseeds: 1\nsettings:\n  epochs: []\n",
      "s.yaml: line 4, column 11: expected epochs: a value or a list of values, found a list of 0"
    ),
  ]) func whatIsWrongIsNamedWhereItStands(text: String, message: String) {
    #expect(Self.complaint(text) == message)
  }

  @Test func aKeyThatIsNoSettingIsNamed() {
    let message = Self.complaint("model: m\nseeds: 1\nsettings: {rate: 3}\n")
    #expect(
      message.hasPrefix(
        "s.yaml: line 3, column 12: expected a key of settings (optimizer, learning_rate, "))
    #expect(message.contains("), found \"rate\""))
    #expect(Self.complaint("model: m\nseeds: 1\nsettings: {seed: 3}\n").contains("\"seed\""))
  }

  @Test func aSweepHasAnEnd() {
    let seeds = (0...5000).map(String.init).joined(separator: ", ")
    #expect(
      Self.complaint("model: [a, b]\nseeds: [\(seeds)]\n")
        == "s.yaml: line 1, column 1: expected at most 10000 runs, found more")
    #expect(
      Self.complaint(
        "model: m\nseeds: 1\nfolds: 1000\nsettings: {epochs: [1,2,3,4,5,6,7,8,9,10,11]}\n")
        == "s.yaml: line 1, column 1: expected at most 10000 runs, found more")
    #expect(
      Self.complaint(
        "model: [a, b]\nseeds: [1, 2]\nsamples: 2501\nsettings: {epochs: {from: 1, to: 9999}}\n")
        == "s.yaml: line 1, column 1: expected at most 10000 runs, found more")
    // Before any of so many values is looked at.
    let values = [String](repeating: "x", count: 300_000).joined(separator: ",")
    #expect(
      Self.complaint("model: m\nseeds: 1\nsettings: {epochs: [\(values)]}\n")
        == "s.yaml: line 1, column 1: expected at most 10000 runs, found more")
  }

  @Test func aSettingThatMakesNoSenseIsNamedWhereItStands() throws {
    let spec = try SweepSpec(
      text: "model: m.yaml\ndata: d\nseeds: 1\nsettings:\n  schedule: constant\n  epochs: 1\n",
      file: "s.yaml")
    let combination = spec.combinations[0]
    func sentence(_ setting: String) -> String {
      combination.error(
        SettingError(setting, expected: "more", found: "less"), file: "s.yaml"
      ).description
    }
    #expect(sentence("epochs") == "s.yaml: line 6, column 11: expected epochs: more, found less")
    #expect(
      sentence("schedule.every")
        == "s.yaml: line 5, column 13: expected schedule.every: more, found less")
    #expect(
      sentence("momentum")
        == "s.yaml: m.yaml schedule=constant epochs=1: expected momentum: more, found less")
  }
}
