import NeuralNetwork

/// A network as a PyTorch module: what it is made of, what it computes line by line, and its state dict.
struct TorchNetwork {
  /// The name of the module's class.
  let className: String
  /// The attributes that hold weights, each with the expression that makes it.
  let modules: [(attribute: String, construction: String)]
  /// The parameter of the module's `forward`.
  let parameter: String
  /// The body of `forward`, its last line what is returned.
  let lines: [String]
  /// The arrays of the state dict, layer by layer.
  let tensors: [TorchTensor]
  /// What the program has to define besides.
  let helpers: [TorchHelper]

  /// - Throws: a `ModelError` that names the first layer PyTorch has nothing for.
  init(_ network: Network) throws(ModelError) {
    let attributes = TorchNames.attributes(network.nodes.map(\.name))
    let orders = VectorOrder(network).images
    let shapes = network.activationShapes
    let variables = Self.variables(network, attributes)
    var modules: [(attribute: String, construction: String)] = []
    var lines: [String] = []
    var tensors: [TorchTensor] = []
    var helpers: Set<TorchHelper> = []
    for (number, node) in network.nodes.enumerated() {
      let inputs = node.inputs.map {
        TorchLayer.Input(name: variables[$0], shape: shapes[$0], order: orders[$0])
      }
      let layer: TorchLayer
      do {
        layer = try TorchLayer(
          number, of: network, inputs, attribute: attributes[number], order: orders[node.output])
      } catch {
        throw error.at("layer \(node.name)")
      }
      if let construction = layer.construction {
        modules.append((layer.attribute, construction))
      }
      let variable = variables[node.output]
      if layer.expression != variable { lines.append("\(variable) = \(layer.expression)") }
      tensors += layer.tensors
      helpers.formUnion(layer.helpers)
    }
    className = TorchNames.className(network.spec.name)
    self.modules = modules
    parameter = variables[0]
    self.lines = lines + ["return \(variables[variables.count - 1])"]
    self.tensors = tensors
    self.helpers = TorchHelper.allCases.filter(helpers.contains)
  }

  /// The variable that holds each activation: `x` where the next line alone reads it, a name of its own where a
  /// later one does.
  private static func variables(_ network: Network, _ attributes: [String]) -> [String] {
    let count = network.activationShapes.count
    return (0..<count).map { activation in
      let readers = network.nodes.indices.filter {
        network.nodes[$0].inputs.contains(activation)
      }
      let isPassedOn = readers.allSatisfy { $0 == activation } || activation == count - 1
      if isPassedOn { return "x" }
      return activation == 0 ? "image" : "after_\(attributes[activation - 1])"
    }
  }
}
