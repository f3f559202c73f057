import Foundation
import ImageData
import NeuralNetwork
import TestSupport
import Testing

@testable import Lab

/// The experiments on a few hundred digits: what they measure, and that it follows from the seed.
@Suite struct ExperimentTests {
  private static func digits() throws -> LabData {
    try LabData(DataFolder(Repository.path("Datasets/mnist")))
  }

  private static func lines<E: Experiment>(
    _ experiment: E, threads: Int = 2
  ) throws -> (outcome: E.Outcome, lines: [String]) {
    var lines: [String] = []
    let outcome = try experiment.run(on: digits(), threads: threads) { lines.append($0) }
    return (outcome, lines)
  }

  /// The keys of an outcome in JSON, and those of each value in its list `name`.
  private static func keys(
    _ outcome: some ExperimentOutcome, _ name: String
  ) throws -> (whole: Set<String>, each: Set<String>) {
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(outcome))
    let whole = object as? [String: Any] ?? [:]
    let list = whole[name] as? [[String: Any]] ?? []
    return (Set(whole.keys), Set(list.flatMap(\.keys)))
  }

  private static func small() -> PoolingExperiment {
    var experiment = PoolingExperiment(seed: 5)
    (experiment.trainingImages, experiment.testImages, experiment.epochs) = (600, 200, 2)
    (experiment.windows, experiment.strides, experiment.shifts) = ([2], [1, 2], [0, 3])
    return experiment
  }

  @Test func poolingIsMeasuredAtEveryShift() throws {
    let (outcome, lines) = try Self.lines(Self.small())
    #expect(
      outcome.nets.map(\.name) == [
        "max 2×2, stride 1", "max 2×2, stride 2", "average 2×2, stride 1", "average 2×2, stride 2",
        "convolution 2×2, stride 1", "convolution 2×2, stride 2",
      ])
    #expect(lines.count == 6 && lines[0].hasPrefix("max 2×2, stride 1: "))
    // 8 · 9 + 8, 16 · 72 + 16, and 7 · 7 · 16 · 10 + 10.
    #expect(outcome.nets[1].parameters == 80 + 1168 + 7850)
    for net in outcome.nets {
      #expect(net.accuracy.count == 2)
      #expect(net.accuracy[0] > 0.4 && net.accuracy[1] < net.accuracy[0], "\(net.name)")
    }
    let table = outcome.tables[0]
    #expect(table.columns == ["kind", "window", "stride", "parameters", "0 px", "3 px"])
    #expect(table.rows.count == 6 && table.rows[0].prefix(3) == ["max", "2×2", "1"])
    #expect(outcome.conclusions.count == 3 && outcome.conclusions.allSatisfy { $0.hasSuffix(".") })
    #expect(outcome.chart.panels.map(\.lines.count) == [3, 1, 2])
    let keys = try Self.keys(outcome, "nets")
    #expect(keys.whole == ["seed", "trainingImages", "testImages", "shifts", "nets"])
    #expect(keys.each == ["kind", "window", "stride", "parameters", "accuracy"])
  }

  @Test func theOutcomeFollowsFromTheSeedOnAnyNumberOfThreads() throws {
    let one = try Self.lines(Self.small(), threads: 1).outcome
    #expect(try Self.lines(Self.small(), threads: 3).outcome == one)
    var other = Self.small()
    other.seed = 6
    #expect(try Self.lines(other).outcome != one)
  }

  @Test func theGradientVanishesBehindSigmoids() throws {
    var experiment = ActivationExperiment()
    (experiment.trainingImages, experiment.testImages, experiment.surveyedImages) = (300, 150, 150)
    experiment.epochs = 1
    let (outcome, lines) = try Self.lines(experiment)
    #expect(outcome.nets.map(\.activation) == ["ReLU", "leaky ReLU", "sigmoid", "tanh"])
    #expect(lines.count == 4 && outcome.nets.allSatisfy { $0.layers.count == 8 })
    let (relu, sigmoid) = (outcome.nets[0], outcome.nets[2])
    #expect(sigmoid.layers[0].gradientAtStart < relu.layers[0].gradientAtStart / 10)
    #expect(sigmoid.shareAtStart < 1e-3 && relu.shareAtStart > 1e-2)
    for layer in outcome.nets.flatMap(\.layers) {
      #expect(layer.units == 14 * 14 * 8 && layer.stuckUnits <= layer.units)
      #expect((0...1).contains(layer.flatShare) && layer.gradient.isFinite)
    }
    // A ReLU is flat where it gives 0; a leaky one never is.
    #expect(relu.layers.allSatisfy { $0.flatShareAtStart > 0.01 })
    #expect(outcome.nets[1].layers.allSatisfy { $0.flatShare == 0 && $0.stuckUnits == 0 })
    #expect(outcome.tables.map(\.rows.count) == [8, 8, 8, 8, 4])
  }

  /// ReLUs that get nothing above 0 are dead, and sigmoids far from 0 are saturated.
  @Test(arguments: [(Slope.relu, Float(-100)), (.sigmoid, 100), (.tanh, 100)])
  func stuckUnitsAreCounted(_ activation: Slope, bias: Float) throws {
    let data = try Self.digits()
    let spec = ModelSpec(
      "stuck", input: [28, 28, 1],
      layers: [
        Conv2D(filters: 2, kernel: 28), activation.layer("activation"), Flatten(),
        Dense(units: 10),
      ])
    var network = try Network(spec, seed: 1)
    let entry = try #require(network.layout.entries.first { $0.variable.name == "bias" })
    network.setValues([bias, 0], of: entry)
    let survey = LayerSurvey(
      network, activation, layers: ["activation"], images: data.test.prefix(130))
    #expect(survey.units == [2] && survey.stuck == [1])
    #expect(survey.flat[0] >= 0.5)
  }

  @Test func flatteningIsComparedWithPooling() throws {
    var experiment = FlattenExperiment()
    (experiment.trainingImages, experiment.testImages, experiment.epochs) = (300, 200, 3)
    let (outcome, lines) = try Self.lines(experiment)
    #expect(lines.count == 4)
    // 80 + 1168 + 4640 for the convolutions, then the dense layers.
    let convolutions = 80 + 1168 + 4640
    #expect(
      outcome.nets.map(\.parameters) == [
        convolutions + 1568 * 64 + 64 + 650, convolutions + 15_690, convolutions + 330,
        convolutions + 330,
      ])
    #expect(outcome.nets.allSatisfy { $0.course.count == 3 })
    let net = outcome.nets[1]
    #expect(net.testAccuracy > 0.4 && net.gap == net.trainingAccuracy - net.testAccuracy)
    #expect(outcome.conclusions[0].contains("106,954 with flatten and a dense layer of 64"))
    let keys = try Self.keys(outcome, "nets")
    #expect(keys.whole == ["seed", "trainingImages", "testImages", "nets"])
    #expect(
      keys.each == ["name", "parameters", "trainingAccuracy", "testAccuracy", "course"])
  }

  @Test func everyWayToRegularizeIsTried() throws {
    var experiment = RegularizationExperiment()
    (experiment.trainingImages, experiment.testImages) = (200, 200)
    (experiment.epochs, experiment.runs) = (6, 2)
    let (outcome, lines) = try Self.lines(experiment)
    #expect(
      outcome.ways.map(\.name) == [
        "none", "dropout", "weight decay", "augmentation", "early stopping",
      ])
    #expect(lines.count == 10 && lines[1].hasPrefix("none, seed 2: "))
    for way in outcome.ways {
      #expect(way.testAccuracy.count == 2 && way.testAccuracy[0] > 0.3)
      #expect(way.epochs.allSatisfy { $0 == 6 || (way.name == "early stopping" && $0 < 6) })
      #expect(way.course.count == way.epochs[0])
    }
    // Every way is another one.
    #expect(Set(outcome.ways.map(\.testAccuracy)).count == 5)
    #expect(outcome.tables[0].rows.map { $0[0] } == outcome.ways.map(\.name))
    let keys = try Self.keys(outcome, "ways")
    #expect(keys.whole == ["seed", "trainingImages", "testImages", "ways"])
    #expect(keys.each == ["name", "trainingAccuracy", "testAccuracy", "epochs", "course"])
  }
}
