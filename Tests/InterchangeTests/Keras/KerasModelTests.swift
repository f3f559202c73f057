import Checkpoints
import Files
import ImageData
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing
import Training

@testable import Interchange

/// Models that Keras 2 and 3 saved.
@Suite struct KerasModelTests {
  @Test func itPredictsWhatKerasPredicts() throws {
    let all = try KerasFixtures.read("predictions.json", as: [KerasFixtures.Prediction].self)
    #expect(all.count == 15)
    for expected in all {
      let model = try KerasModel(contentsOf: KerasFixtures.path(expected.file))
      let found = KerasFixtures.outputs(
        model.trained.network, expected.pixels.map { Float($0) / 255 })
      try #require(found.count == expected.outputs.count, "\(expected.file)")
      for (a, b) in zip(found, expected.outputs) {
        #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(expected.file): \(a), not \(b)")
      }
      #expect(model.notes.isEmpty && model.optimizer == nil)
    }
  }

  @Test(arguments: [
    "sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "rmsprop-momentum", "adagrad",
    "clipped", "scheduled",
  ])
  func fiveFurtherStepsGiveTheWeightsOfKeras(name: String) throws {
    let all = try KerasFixtures.read("steps.json", as: [KerasFixtures.Steps].self)
    let expected = try #require(all.first { $0.name == name })
    let model = try KerasModel(contentsOf: KerasFixtures.path("\(name).keras"))
    #expect(model.optimizer?.step == 5)
    #expect(try worstDifference(model, expected) <= 1e-5)
  }

  /// The largest difference of a variable from Keras's after an epoch, as a share of its largest number.
  private func worstDifference(
    _ model: KerasModel, _ expected: KerasFixtures.Steps
  ) throws -> Float {
    var options = model.training
    for (key, text) in [("batch_size", "4"), ("epochs", "1"), ("shuffle", "false")] {
      try options.state(key, text)
    }
    let checkpoint = try Checkpoint(
      converting: model.trained, training: options, optimizer: model.optimizer)
    // By way of a file, as a run is resumed.
    let state = try Checkpoint(image: try checkpoint.image("a.weights.h5"), path: "a.weights.h5")
    let data = try ImageSet(
      pixels: expected.pixels, labels: expected.labels, height: 5, width: 5)
    let trainer = try Trainer(state.state, settings: state.settings, data: data, threads: 1)
    try trainer.run()
    let network = trainer.state.network
    try #require(network.layout.entries.count == expected.variables.count)
    return zip(network.layout.entries, expected.variables).map { entry, values in
      let found = network.values(of: entry)
      let largest = values.map { abs($0) }.max() ?? 1
      return zip(found, values).map { abs($0 - $1) / largest }.max() ?? 0
    }.max() ?? .infinity
  }

  @Test func weightsBesideAModelFileBringTheMemoryOfTheirOptimizer() throws {
    let text = """
      name: small
      input: [5, 5, 1]
      layers: [conv2d: {filters: 2, kernel: 3, bias: false}, batch_norm, relu, flatten, dense: {units: 3}]
      training: {optimizer: adam, learning_rate: 0.002}
      """
    let path = KerasFixtures.path("adam.weights.h5")
    let model = try KerasModel(
      contentsOf: path, model: ModelFile(text: text, file: "small.yaml"))
    let all = try KerasFixtures.read("steps.json", as: [KerasFixtures.Steps].self)
    let expected = try #require(all.first { $0.name == "adam" })
    #expect(try worstDifference(model, expected) <= 1e-5)
    // Of another optimizer, the memory is none.
    let other = try KerasModel(
      contentsOf: path,
      model: ModelFile(text: text.replacing("adam,", with: "sgd,"), file: "small.yaml"))
    #expect(other.optimizer == nil)
    #expect(
      other.notes == [
        "the optimizer's memory is left out: 12 arrays, of which sgd would have 2"
      ])
    let error = #expect(throws: FileError.self) { try KerasModel(contentsOf: path) }
    #expect(
      error?.description
        == "\(path): expected a model with its weights, found weights only; name the model file that they belong to"
    )
  }

  @Test func itTakesTheSettingsThatKerasStates() throws {
    func settings(_ name: String) throws -> (String, [String]) {
      let model = try KerasModel(contentsOf: KerasFixtures.path("\(name).keras"))
      return (model.training.description, model.notes)
    }
    let adamw = try settings("adamw")
    #expect(
      adamw.0
        == "optimizer=adamw learning_rate=0.002 beta1=0.9 beta2=0.999 epsilon=1e-07 weight_decay=0.01 loss=cross_entropy"
    )
    #expect(
      adamw.1 == ["weight_decay is for kernels alone here; Keras has it for biases too"])
    #expect(try settings("clipped").0.contains("beta1=0.8 "))
    #expect(try settings("clipped").0.contains("clip_norm=0.5"))
    #expect(
      try settings("scheduled").1 == [
        "the schedule CosineDecay is left out; learning_rate is 0.002, its first one"
      ])
    #expect(try settings("nesterov").0.contains("momentum=0.8 nesterov=true"))
  }

  @Test func whatChangesTrainingAndIsLeftOutIsSaid() throws {
    var members = try KerasFixtures.members("adam.keras")
    var config = try JSONValue(members["config.json"] ?? [], file: "a", place: "b")
    config[["config", "layers", "1", "config", "kernel_regularizer"]] = ["class_name": "L2"]
    config[["compile_config", "optimizer", "config", "clipvalue"]] = 1
    config[["compile_config", "loss"]] = "poisson"
    members["config.json"] = try config.bytes
    let model = try KerasModel(archive: try KerasFixtures.archive(members), path: "a.keras")
    let name = model.trained.network.nodes[0].name
    #expect(
      model.notes == [
        "kernel_regularizer of layer \(name) is left out",
        "clipvalue is left out; clip_norm here is what Keras calls global_clipnorm",
        "the loss poisson is left out, as there is none such here",
      ])
    #expect(model.optimizer?.step == 5)
    config[["compile_config", "optimizer", "config", "amsgrad"]] = true
    members["config.json"] = try config.bytes
    let other = try KerasModel(archive: try KerasFixtures.archive(members), path: "a.keras")
    #expect(other.optimizer == nil)
    #expect(
      other.notes.contains(
        "the optimizer's memory is left out, as it has the largest squares of amsgrad"))
  }

  @Test func aLastSoftmaxBecomesAPartOfTheLoss() throws {
    let model = try KerasModel(contentsOf: KerasFixtures.path("chain-3.keras")).trained
    #expect(model.network.outputKind == .probabilities)
    let checkpoint = try Checkpoint(converting: model)
    #expect(checkpoint.network.outputKind == .values && checkpoint.state.isForUse)
    #expect(checkpoint.network.weightsSHA256 == model.network.weightsSHA256)
    let x = (0..<128).map { Float($0) / 127 }
    let probabilities = Softmax.probabilities(KerasFixtures.outputs(checkpoint.network, x))
    for (a, b) in zip(probabilities, KerasFixtures.outputs(model.network, x)) {
      #expect(abs(a - b) < 1e-6)
    }
  }
}
