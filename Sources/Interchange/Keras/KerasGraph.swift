import Files
import NeuralNetwork

/// A model of Keras as its configuration states it: the layers in Keras's order, and the same in ours.
///
/// Models inside the model are taken apart.
struct KerasGraph {
  /// A layer of Keras that is no model.
  struct Leaf {
    /// What Keras states of it.
    let object: KerasObject
    /// What it is here.
    let reading: KerasReading
    /// The names of our layers, in the order of ``KerasReading/layers``.
    let names: [String]
    /// Its group in a `.weights.h5` file.
    let group: String
    /// The layer of the outermost model that it is, or is a part of: a group in an older file.
    let outermost: String
  }

  /// The most layers: those of the largest models of Keras several times over. Work may grow with their square.
  private static let mostLayers = 4096

  /// The layers in the order in which Keras lists them, and their variables.
  private(set) var leaves: [Leaf] = []
  /// What changes training, and has been left out, a sentence each.
  private(set) var notes: [String] = []
  /// The shape of a sample.
  private(set) var input: Shape = []
  private var graph = LayerGraph()
  private var output = 0
  private var names: Set<String> = []

  /// Reads a model.
  ///
  /// - Throws: a `FileError` that names the first layer that is none of ours, or connected in a way that no block
  ///   of ours can state.
  init(_ model: KerasObject) throws(FileError) {
    output = try add(model, below: "", outermost: nil, reading: nil)
    guard !input.array.isEmpty else {
      throw model.error(expected: "the shape of the input", found: "none")
    }
  }

  /// The model in our terms.
  func spec(named name: String) throws(ModelError) -> ModelSpec {
    ModelSpec(name, input: input, layers: try graph.layers(to: output))
  }

  /// Adds a model's layers; `nil` for what it reads where it is the outermost one.
  private mutating func add(
    _ model: KerasObject, below group: String, outermost: String?, reading activation: Int?
  ) throws(FileError) -> Int {
    switch model.className {
    case "Sequential":
      return try addSequence(model, below: group, outermost: outermost, reading: activation)
    case "Functional", "Model":
      return try addFunctional(model, below: group, outermost: outermost, reading: activation)
    default:
      throw model.error(
        expected: "a Sequential or a Functional model", found: model.className.debugDescription,
        hint: "a class of its own does not say what it computes")
    }
  }

  private mutating func addSequence(
    _ model: KerasObject, below group: String, outermost: String?, reading activation: Int?
  ) throws(FileError) -> Int {
    guard let stated = model.config["layers"]?.list ?? model.config.list else {
      throw model.error("layers", expected: "a list", found: "none")
    }
    var groups = KerasGroups(below: group)
    var current = activation ?? 0
    for (number, value) in stated.enumerated() {
      let object = try KerasObject(value, file: model.file, in: model.place)
      if activation == nil, number == 0 {
        try takeInput(object, orOf: model)
        // The layer of the input is none of the model's own.
        if object.className == "InputLayer" { continue }
      }
      let place = (groups.next(object.className), outermost ?? object.name)
      current = try add(object, at: place, reading: [current])
    }
    return current
  }

  private mutating func addFunctional(
    _ model: KerasObject, below group: String, outermost: String?, reading activation: Int?
  ) throws(FileError) -> Int {
    guard let stated = model.config["layers"]?.list else {
      throw model.error("layers", expected: "a list", found: "none")
    }
    let start = try KerasConnections.single(model, "input_layers")
    var groups = KerasGroups(below: group)
    var activations: [String: Int] = [:]
    var models: Set<String> = []
    for value in stated {
      let object = try KerasObject(value, file: model.file, in: model.place)
      let place = (groups.next(object.className), outermost ?? object.name)
      guard activations[object.name] == nil else {
        throw object.error(expected: "a name of its own", found: "that of another layer")
      }
      if object.className == "InputLayer" {
        guard object.name == start else {
          throw object.error(expected: "one input", found: "another one")
        }
        if activation == nil { try takeInput(object, orOf: model) }
        activations[object.name] = activation ?? 0
        continue
      }
      var inputs: [Int] = []
      for source in try KerasConnections(object).sources {
        guard let input = activations[source.name] else {
          throw object.error(
            "inbound_nodes", expected: "an earlier layer", found: source.name.debugDescription)
        }
        // Of a model the first use is the one in which it was made.
        guard source.use == 0 || (source.use == 1 && models.contains(source.name)) else {
          throw object.error(
            "inbound_nodes", expected: "the only use of \(source.name)",
            found: "another one", hint: "layers cannot be shared")
        }
        inputs.append(input)
      }
      if Self.isModel(object) { models.insert(object.name) }
      activations[object.name] = try add(object, at: place, reading: inputs)
    }
    let end = try KerasConnections.single(model, "output_layers")
    guard let output = activations[end] else {
      throw model.error("output_layers", expected: "a layer", found: end.debugDescription)
    }
    return output
  }

  /// Adds a layer or a model that reads some activations; returns the one that it gives.
  private mutating func add(
    _ object: KerasObject, at place: (group: String, outermost: String), reading inputs: [Int]
  ) throws(FileError) -> Int {
    if let step = try Self.joint(object) {
      guard inputs.count >= 2, inputs.count == 2 || object.className != "Multiply" else {
        let expected = object.className == "Multiply" ? "two inputs" : "at least two inputs"
        throw object.error(expected: expected, found: "\(inputs.count)")
      }
      return graph.append(step, named: try take(object.name, of: object), reading: inputs)
    }
    guard inputs.count == 1 else {
      throw object.error(
        expected: "a layer with one input, or Add, Multiply or Concatenate",
        found: "\(object.className) with \(inputs.count)")
    }
    if Self.isModel(object) {
      return try add(
        object, below: place.group, outermost: place.outermost, reading: inputs[0])
    }
    let reading = try KerasLayerReader.read(object)
    guard leaves.count < Self.mostLayers else {
      throw object.error(expected: "at most \(Self.mostLayers) layers", found: "more")
    }
    noteTerms(of: object)
    var current = inputs[0]
    var names: [String] = []
    for layer in reading.layers {
      names.append(try take(object.name + layer.suffix, of: object))
      current = graph.append(.layer(layer.spec), named: names[names.count - 1], reading: [current])
    }
    leaves.append(
      Leaf(
        object: object, reading: reading, names: names, group: place.group,
        outermost: place.outermost))
    return current
  }

  /// Notes what a layer adds to the loss, and what binds its weights.
  private mutating func noteTerms(of object: KerasObject) {
    guard case .object(let members) = object.config else { return }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
      guard key.hasSuffix("_regularizer") || key.hasSuffix("_constraint") else { continue }
      notes.append("\(key) of layer \(object.name) is left out")
    }
  }

  /// Whether an object is a model inside the model.
  private static func isModel(_ object: KerasObject) -> Bool {
    ["Sequential", "Functional", "Model"].contains(object.className)
      || object.config["layers"] != nil
  }

  /// What joins activations; `nil` for a layer of one input.
  private static func joint(_ object: KerasObject) throws(FileError) -> LayerGraph.Step? {
    // The operators + and * are objects of the same names; there is one for concatenation with other settings.
    let isLayer = object.members["module"]?.text?.hasPrefix("keras.src.ops") != true
    switch object.className {
    case "Add": return .sum
    case "Multiply": return .product
    case "Concatenate" where isLayer:
      guard [-1, 3].contains(try object.integer("axis", -1)) else {
        throw object.error(
          "axis", expected: "-1, the channels", found: object.config["axis"]?.summary ?? "none")
      }
      return .concatenation
    default: return nil
    }
  }

  /// A name for a layer of ours: Keras's, unless one inside another model has it.
  private mutating func take(_ name: String, of object: KerasObject) throws(FileError) -> String {
    guard !name.isEmpty else { throw object.error(expected: "a name", found: "none") }
    var (free, count) = (name, 1)
    while !names.insert(free).inserted {
      count += 1
      free = "\(name)_\(count)"
    }
    return free
  }

  /// Takes the shape of the input from the layer that reads it, or from the model.
  private mutating func takeInput(
    _ object: KerasObject, orOf model: KerasObject
  ) throws(FileError) {
    let keys = ["batch_shape", "batch_input_shape", "build_input_shape"]
    let built = [model, object].lazy.compactMap { $0.members["build_config"]?["input_shape"] }
    let stated =
      keys.lazy.compactMap { object.config[$0] }.first ?? model.config["build_input_shape"]
      ?? built.first
    guard let extents = stated?.list, (2...4).contains(extents.count) else {
      throw object.error(
        expected: "an input of one to three extents beside the batch",
        found: stated?.summary ?? "no shape")
    }
    let numbers = extents.dropFirst().compactMap(\.integer)
    guard numbers.count == extents.count - 1, numbers.allSatisfy({ $0 >= 1 }) else {
      throw object.error(
        expected: "an input of a fixed shape", found: stated?.summary ?? "none",
        hint: "save the model with the shape of its images")
    }
    input = Shape(numbers)
  }
}
