import Checkpoints
import ModelFiles
import NeuralNetwork
import Training

extension Checkpoint {
  /// A checkpoint of a model that was trained elsewhere, as if a run of ours had come to it.
  ///
  /// With an optimizer's memory a run is resumed from it: its first epoch begins, on whatever data is named then, and
  /// goes on with that memory. Without, it is for use alone, and a new run can begin with its weights.
  ///
  /// A last softmax or sigmoid that the loss includes is left out; the probabilities stay the same.
  ///
  /// - Parameters:
  ///   - training: the settings of the run; its loss is the model's.
  ///   - optimizer: what the optimizer of those settings remembers.
  ///   - seed: the seed where the settings state none.
  /// - Throws: a `ModelError`, `SettingError` or `FileError` where no checkpoint can hold it.
  public init(
    converting model: TrainedModel, training: TrainingOptions = TrainingOptions(),
    optimizer: OptimizerState? = nil, seed: UInt64 = TrainingSettings().seed
  ) throws {
    let network = try model.network.withoutHead(of: model.loss)
    var options = training
    try options.state("loss", model.loss.text)
    let settings = try options.resolve(defaultSeed: seed)
    try settings.loss.check(network)
    guard let file = ModelFile(network.spec, training: options) else {
      throw ModelError(unstatable: network.spec)
    }
    var state = TrainingState(network: network, settings: settings)
    let predictsClasses = model.predictsClasses
    state.basis.hasValues = !predictsClasses
    if let optimizer {
      guard optimizer.isMemory(of: settings.update.optimizer) else {
        throw SettingError(
          "optimizer", expected: "\(optimizer.owner), whose memory there is",
          found: settings.update.optimizer.kind)
      }
      state.optimizer = optimizer
    }
    let outputs = predictsClasses ? network.outputShape.count : 0
    let checkpoint = Checkpoint(
      model: file, settings: settings, state: state,
      classNames: model.classNames.count == outputs
        ? model.classNames : (0..<outputs).map(String.init))
    self = optimizer == nil ? checkpoint.forUse() : checkpoint
    try verifySaveable()
  }
}

extension Network {
  /// The same network without a last layer that is the function a loss includes.
  fileprivate func withoutHead(of loss: any Loss) throws(ModelError) -> Network {
    guard let last = spec.layers.last, last is Softmax || last is Sigmoid, spec.layers.count > 1,
      loss.predicts == outputKind
    else { return self }
    var spec = spec
    spec.layers.removeLast()
    // The layer has no variables, so those of the others are where they were.
    var network = try Network(spec, seed: 0)
    network.variables = variables
    return network
  }
}
