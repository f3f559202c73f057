import Checkpoints
import Files
import HDF5
import NeuralNetwork

/// A network as layers of Keras, with what a file states of them.
struct KerasExportGraph {
  /// A layer of Keras.
  struct Layer {
    let name: String
    let className: String
    let settings: [String: JSONValue]
    let isTrained: Bool
    /// The activations it reads: 0 is the input, layer i writes i + 1.
    let inputs: [Int]
    /// The shape of a sample of its output.
    let output: Shape
    /// The number of the node whose variables it has.
    let node: Int?
  }

  private let network: Network
  private(set) var layers: [Layer] = []
  private var names: Set<String> = [inputName]
  private static let inputName = "input"

  /// - Throws: a `ModelError` that names the first layer that Keras cannot state.
  init(_ network: Network) throws(ModelError) {
    self.network = network
    // The activation of Keras that each of ours is, and whether no number in it is below 0.
    var activations = [0], isAtLeastZero = [true]
    for (number, node) in network.nodes.enumerated() {
      let inputs = node.inputs.map { activations[$0] }
      do throws(ModelError) {
        if node.layer == nil {
          activations.append(try join(node, inputs))
        } else {
          let writer = KerasLayerWriter(
            node: node, input: network.activationShapes[node.input],
            isInputAtLeastZero: isAtLeastZero[node.input])
          var current = inputs[0]
          for stage in try writer.stages() {
            append(
              stage.className, stage.settings, named: node.name + stage.suffix, of: node,
              reading: [current], output: stage.output, node: stage.hasVariables ? number : nil)
            current = layers.count
          }
          activations.append(current)
        }
      } catch {
        throw error.at("layer \(node.name)")
      }
      isAtLeastZero.append(
        Self.givesAtLeastZero(node, node.inputs.allSatisfy { isAtLeastZero[$0] }))
    }
  }

  /// Whether no number that a layer gives is below 0, where it is known of what it reads whether that is so.
  private static func givesAtLeastZero(_ node: Node, _ isInputAtLeastZero: Bool) -> Bool {
    switch node.spec {
    case is ReLU, is ReLU6, is Sigmoid, is Softmax: true
    case nil, is MaxPool2D, is AvgPool2D, is GlobalMaxPool2D, is GlobalAvgPool2D, is Dropout,
      is SpatialDropout2D, is Flatten, is Reshape, is ZeroPadding2D, is UpSampling2D:
      isInputAtLeastZero
    default: false
    }
  }

  /// Appends what joins activations.
  private mutating func join(_ node: Node, _ inputs: [Int]) throws(ModelError) -> Int {
    var inputs = inputs
    switch node.kind {
    case "add": append("Add", [:], named: node.name, of: node, reading: inputs)
    case "concatenate":
      append("Concatenate", ["axis": -1], named: node.name, of: node, reading: inputs)
    case "multiply":
      // Keras wants a factor for each channel as an image of one pixel.
      for (place, input) in node.inputs.enumerated() {
        let shape = network.activationShapes[input]
        guard shape.rank == 1, node.outputShape.rank == 3 else { continue }
        let pixel: Shape = [1, 1, shape[0]]
        append(
          "Reshape", ["target_shape": JSONValue(pixel.array)], named: node.name + "_factor",
          of: node, reading: [inputs[place]], output: pixel)
        inputs[place] = layers.count
      }
      append("Multiply", [:], named: node.name, of: node, reading: inputs)
    default: throw ModelError("Keras has no layer that joins as \(node.kind) does")
    }
    return layers.count
  }

  private mutating func append(
    _ className: String, _ settings: [String: JSONValue], named name: String, of owner: Node,
    reading inputs: [Int], output: Shape? = nil, node: Int? = nil
  ) {
    // Keras takes a slash for a scope.
    let name = name.replacing("/", with: "_")
    var (free, count) = (name, 1)
    while !names.insert(free).inserted {
      count += 1
      free = "\(name)_\(count)"
    }
    layers.append(
      Layer(
        name: free, className: className, settings: settings, isTrained: owner.isTrained,
        inputs: inputs, output: output ?? owner.outputShape, node: node))
  }

  // What the file says

  /// Whether each layer reads what the one before it gives, and nothing else.
  private var isChain: Bool {
    layers.enumerated().allSatisfy { $0.element.inputs == [$0.offset] }
  }

  /// The numbers of the layers in the order in which Keras lists them, which the names of groups follow from.
  private var order: [Int] { KerasOrder(layers.map(\.inputs)).vertices }

  /// The model as `config.json` states it.
  func config(named name: String) -> JSONValue {
    let batch = Self.batch(network.inputShape)
    let input: JSONValue = [
      "module": "keras.layers", "class_name": "InputLayer", "registered_name": nil,
      "config": ["batch_shape": batch, "dtype": "float32", "name": .text(Self.inputName)],
    ]
    guard !isChain else {
      return [
        "module": "keras", "class_name": "Sequential", "registered_name": nil,
        "build_config": ["input_shape": batch],
        "config": [
          "name": .text(name), "trainable": true,
          "layers": .list([input] + layers.map { object($0) }),
        ],
      ]
    }
    var first = input
    first.add("name", .text(Self.inputName))
    first.add("inbound_nodes", [])
    let last = layers[layers.count - 1].name
    return [
      "module": "keras.src.models.functional", "class_name": "Functional",
      "registered_name": "Functional",
      "config": [
        "name": .text(name), "trainable": true,
        "layers": .list([first] + order.map { connectedObject(layers[$0]) }),
        "input_layers": .list([.text(Self.inputName), 0, 0]),
        "output_layers": .list([.text(last), 0, 0]),
      ],
    ]
  }

  private static func batch(_ shape: Shape) -> JSONValue {
    .list([.null] + shape.array.map { .integer($0) })
  }

  private func object(_ layer: Layer) -> JSONValue {
    var common: [String: JSONValue] = ["name": .text(layer.name), "dtype": "float32"]
    // Not every layer without variables takes it.
    if layer.node != nil { common["trainable"] = .boolean(layer.isTrained) }
    return [
      "module": "keras.layers", "class_name": .text(layer.className), "registered_name": nil,
      "config": .object(layer.settings.merging(common) { $1 }),
    ]
  }

  private func connectedObject(_ layer: Layer) -> JSONValue {
    let tensors = layer.inputs.map { activation -> JSONValue in
      let name = activation == 0 ? Self.inputName : layers[activation - 1].name
      let shape = activation == 0 ? network.inputShape : layers[activation - 1].output
      return [
        "class_name": "__keras_tensor__",
        "config": [
          "shape": Self.batch(shape), "dtype": "float32",
          "keras_history": .list([.text(name), 0, 0]),
        ],
      ]
    }
    let arguments: JSONValue = tensors.count == 1 ? .list(tensors) : .list([.list(tensors)])
    var result = object(layer)
    result.add("name", .text(layer.name))
    result.add("inbound_nodes", .list([["args": arguments, "kwargs": [:]]]))
    return result
  }

  /// The bytes of `model.weights.h5`.
  func weights(_ path: String) throws(FileError) -> [UInt8] {
    let writer = try HDF5Writer(path: path)
    // The first versions of Keras 3 want a group of variables of the model and of every layer, be it empty.
    try writer.createGroup("/vars")
    var groups = KerasGroups(below: "")
    if !isChain { try writer.createGroup(groups.next("InputLayer") + "/vars") }
    for number in order {
      let group = groups.next(layers[number].className) + "/vars"
      try writer.createGroup(group)
      for entry in network.layout.entries where entry.node == layers[number].node {
        let shape = entry.variable.shape.array, place = "\(group)/\(entry.index)"
        let values = network.values(of: entry)
        if entry.variable.isCount {
          try writer.write(values.map { Int64(exactly: $0) ?? 0 }, shape: shape, to: place)
        } else {
          try writer.write(values, shape: shape, to: place)
        }
      }
    }
    return try writer.finish()
  }
}

extension JSONValue {
  /// Adds a member to an object.
  fileprivate mutating func add(_ key: String, _ value: JSONValue) {
    guard case .object(var members) = self else { return }
    members[key] = value
    self = .object(members)
  }
}
