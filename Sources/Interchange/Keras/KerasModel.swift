import Checkpoints
import DataSets
import Files
import HDF5
import ModelFiles
import NeuralNetwork
import Training

/// A model that Keras saved, with its weights and, where the file has them, the settings and the memory of its
/// optimizer.
///
/// Read are `.keras` files, older `.h5` files of Keras 2 and 3, and `.weights.h5` files beside the model that they
/// belong to. The model is Sequential, or Functional with one input and one output, whose layers are those of
/// ``LayerRegistry``, one after the other or joined by `Add`, `Multiply` and `Concatenate`.
public struct KerasModel: Sendable {
  /// The file.
  public let file: String
  /// The network, its loss and the names of its classes, as far as they are known.
  public private(set) var trained: TrainedModel
  /// What the file states of how the model was trained.
  public let training: TrainingOptions
  /// What the optimizer remembers; `nil` where the file has nothing of it, or what no optimizer here has.
  public let optimizer: OptimizerState?
  /// What could not be taken along, a sentence each.
  public let notes: [String]

  /// Reads a file.
  ///
  /// - Parameter model: the model that a file of weights alone belongs to.
  /// - Throws: a `FileError` that names the file, the layer or the object in it, what was expected and what found.
  public init(contentsOf path: String, model: ModelFile? = nil) throws(FileError) {
    let format = try ModelFormat(of: path)
    guard model == nil || format?.statesModel != true else {
      throw FileError(
        .invalid, file: path, expected: "weights alone, as a model file is named",
        found: "a model that says itself what its layers are")
    }
    switch format {
    case .keras: try self.init(archive: try WholeFile.read(path), path: path)
    case .kerasLegacy: try self.init(legacy: path)
    case .kerasWeights:
      guard let model else {
        throw FileError(
          .invalid, file: path, expected: "a model with its weights", found: "weights only",
          hint: "name the model file that they belong to")
      }
      try self.init(weights: path, of: model)
    default:
      throw FileError(
        .invalid, file: path, expected: "a file of Keras",
        found: format?.description ?? "another file")
    }
  }

  /// The bytes of a `.keras` file; `path` is what messages call it.
  package init(archive bytes: [UInt8], path: String) throws(FileError) {
    let archive = try ZipArchive(bytes, path: path)
    // Weights hardly shrink in an archive.
    func member(
      _ name: String, limit: Int = JSONValue.mostBytes
    ) throws(FileError) -> [UInt8] {
      guard let number = archive.members.firstIndex(where: { $0.name == name }) else {
        throw FileError(
          .invalid, file: path, place: name, expected: "a file in the archive", found: "none")
      }
      return try archive.content(ofMember: number, limit: limit)
    }
    let place = KerasFormat.Member.config
    let config = try JSONValue(try member(place), file: path, place: place)
    let weights = KerasFormat.Member.weights
    let file = try HDF5File(
      image: try member(weights, limit: (1 << 20) + 16 * bytes.count), path: "\(path): \(weights)")
    let compiled = config["compile_config"].map {
      KerasTraining(optimizer: $0["optimizer"], loss: $0["loss"])
    }
    // What our own export says beside it; other files have other things there, or nothing.
    let metadata = try? JSONValue(
      try member(KerasFormat.Member.metadata), file: path, place: KerasFormat.Member.metadata)
    try self.init(
      try KerasObject(config, file: path, in: place, isWhole: true), file, .current, compiled,
      classNames: KerasMetadata.classNames(metadata))
    let proof = KerasMetadata.proof(metadata)
    trained.compare(withProof: proof.image, scores: proof.scores)
  }

  /// An older `.h5` file.
  private init(legacy path: String) throws(FileError) {
    let file = try HDF5File(reading: path)
    let place = "attribute model_config"
    guard let text = try file.texts(of: "/", attribute: "model_config")?.first else {
      let isWeights = try KerasWeights.texts(file, "/", "layer_names") != nil
      throw FileError(
        .invalid, file: path, place: place, expected: "a model with its weights",
        found: isWeights ? "weights only" : "no model of Keras",
        hint: isWeights ? "save the whole model, with model.save" : nil)
    }
    let config = try JSONValue(Array(text.utf8), file: path, place: place)
    var compiled: KerasTraining?
    if let text = try file.texts(of: "/", attribute: "training_config")?.first {
      let training = try JSONValue(
        Array(text.utf8), file: path, place: "attribute training_config")
      compiled = KerasTraining(optimizer: training["optimizer_config"], loss: training["loss"])
    }
    try self.init(
      try KerasObject(config, file: path, in: place, isWhole: true), file,
      .legacy(root: "/model_weights"),
      compiled, classNames: [])
  }

  /// A model and its weights.
  private init(
    _ object: KerasObject, _ file: borrowing HDF5File, _ weights: KerasWeights,
    _ compiled: KerasTraining?, classNames: [String]
  ) throws(FileError) {
    // A model that is too large for the file is refused before memory is allocated for it.
    var (graph, network) = try Self.build(object, limit: 16_000 + file.upperBound / 4)
    try Self.setConstants(of: graph.leaves, &network)
    let places = try weights.places(graph.leaves, network, file)
    for place in places {
      network.setValues(try KerasWeights.values(place, file), of: place.entry)
    }
    var training = compiled ?? KerasTraining(optimizer: nil, loss: nil)
    if case .current = weights {
      optimizer = try training.readState(
        file, network, trained: places.map(\.entry).filter(\.isTrained))
    } else {
      optimizer = nil
      if try file.kind(of: "/optimizer_weights") == .group {
        training.notes.append(
          "the optimizer's memory is left out; a .keras file brings it along")
      }
    }
    let loss = training.loss(network)
    self.file = object.file
    trained = TrainedModel(
      network: network, loss: loss,
      classNames: classNames.count == network.outputShape.count ? classNames : [])
    self.training = training.options(loss)
    notes = graph.notes + training.notes
  }

  /// The layers and the network that a configuration states, which has at most so many parameters.
  private static func build(
    _ object: KerasObject, limit: Int
  ) throws(FileError) -> (KerasGraph, Network) {
    let graph = try KerasGraph(object)
    do throws(ModelError) {
      let network = try Network(try graph.spec(named: modelName(object)), seed: 0, limit: limit)
      try checkAxes(graph.leaves, network)
      return (graph, network)
    } catch {
      throw FileError(
        .invalid, file: object.file,
        place: error.layer.map { "\(object.place): \($0)" } ?? object.place,
        found: error.problem, hint: error.hint)
    }
  }

  /// The network that a configuration states, without its weights: what fuzzing reaches without an archive.
  package static func network(
    configuration: [UInt8], file: String, limit: Int
  ) throws(FileError) -> Network {
    let place = KerasFormat.Member.config
    let config = try JSONValue(configuration, file: file, place: place)
    let object = try KerasObject(config, file: file, in: place, isWhole: true)
    var (graph, network) = try build(object, limit: limit)
    try setConstants(of: graph.leaves, &network)
    return network
  }

  /// The weights of a model of ours.
  private init(weights path: String, of model: ModelFile) throws(FileError) {
    let file = try HDF5File(reading: path)
    var network: Network
    let settings: TrainingSettings
    do {
      network = try Network(model.spec, seed: 0, limit: 16_000 + file.upperBound / 4)
      settings = try model.training.resolve(defaultSeed: 0)
    } catch {
      throw FileError(
        .invalid, file: path, place: "the model \(model.spec.name)", found: "\(error)")
    }
    try network.loadWeights(from: path)
    let rule = settings.update.optimizer
    var training = KerasTraining(rule: rule)
    optimizer = try training.readState(
      file, network, trained: OptimizerState.entriesInKerasOrder(of: network))
    self.file = path
    trained = TrainedModel(network: network, loss: settings.loss)
    // The rate of the last step, unless the model file states one.
    self.training = model.training.filled(from: training.options(settings.loss))
    notes = training.notes
  }

  /// Throws where a layer works along other axes than those of ours.
  private static func checkAxes(
    _ leaves: [KerasGraph.Leaf], _ network: Network
  ) throws(ModelError) {
    for leaf in leaves {
      guard let axes = leaf.reading.axes, let name = leaf.names.first,
        let node = network.nodes.first(where: { $0.name == name })
      else { continue }
      let input = network.activationShapes[node.input]
      guard axes.fit(rank: input.rank) else {
        throw ModelError("axis: \(axes.numbers) is not the last one of \(input)")
          .at("layer \(leaf.object.name)")
      }
    }
  }

  /// Sets what a layer states in place of variables: a number for each channel, or one for all.
  private static func setConstants(
    of leaves: [KerasGraph.Leaf], _ network: inout Network
  ) throws(FileError) {
    for leaf in leaves where !leaf.reading.constants.isEmpty {
      for entry in network.layout.entries
      where leaf.names.contains(network.nodes[entry.node].name) {
        let count = entry.variable.shape.count
        if entry.variable.isCount {
          // As if it had learnt from a sample, so that it does not learn again.
          network.setValues([1], of: entry)
        } else if let values = leaf.reading.constants[entry.variable.name] {
          guard values.count == 1 || values.count == count else {
            throw leaf.object.error(
              entry.variable.name, expected: "1 or \(count) numbers", found: "\(values.count)")
          }
          network.setValues(
            values.count == count ? values : [Float](repeating: values[0], count: count), of: entry)
        }
      }
    }
  }

  /// A name for the model that a model file can state.
  private static func modelName(_ object: KerasObject) -> String {
    let name = object.name.utf8.map {
      $0 > 0x20 && $0 != UInt8(ascii: "/") ? $0 : UInt8(ascii: "-")
    }
    let text = String(decoding: name.drop { $0 == UInt8(ascii: ".") }, as: UTF8.self)
    return text.isEmpty ? "keras" : text
  }
}

extension TrainedModel {
  /// Reads a model that Keras saved.
  ///
  /// - Parameter model: the model that a file of weights alone belongs to.
  /// - Throws: a `FileError`; see ``KerasModel``.
  public init(keras path: String, model: ModelFile? = nil) throws(FileError) {
    self = try KerasModel(contentsOf: path, model: model).trained
  }
}
