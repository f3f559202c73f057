import NeuralNetwork

/// Where Keras 3 keeps things in a `.weights.h5` file.
///
/// A layer's group is named after its class and how many of that class come before it in the
/// model, `layers/conv2d_1`, its variables `vars/0`, `vars/1`, … in ``Layer/variables``' order. The
/// optimizer's are in one list: the number of steps, the learning rate, then the slots.
struct KerasLayout {
  /// The group of each node.
  let groups: [String]
  /// The place of each node in Keras's list of layers.
  private let places: [Int]

  init(_ network: Network) {
    let order = Self.order(network.nodes)
    var groups = network.nodes.map { _ in "" }, places = network.nodes.map { _ in 0 }
    var uses: [String: Int] = [:]
    for (place, number) in order.enumerated() {
      // What joins a block's activations has the same name in both.
      let kind = network.nodes[number].kind
      let name = LayerRegistry.type(of: kind)?.kerasClass ?? kind
      let use = uses[name, default: 0]
      uses[name] = use + 1
      groups[number] = "/layers/" + (use == 0 ? name : "\(name)_\(use)")
      places[number] = place
    }
    (self.groups, self.places) = (groups, places)
  }

  /// The numbers of the nodes as Keras lists its layers: those further from the output first, by the
  /// longest way, and of several the one that is met first on the way back from the output, first inputs
  /// first.
  private static func order(_ nodes: [Node]) -> [Int] {
    // Node i writes activation i + 1; activation 0 is the input.
    var distances = nodes.map { _ in 0 }
    for (number, node) in nodes.enumerated().reversed() {
      for input in node.inputs where input > 0 {
        // Keras has a layer more where a vector multiplies an image: it makes it one of a pixel.
        let isReshaped = node.outputShape.rank == 3 && nodes[input - 1].outputShape.rank == 1
        let isFactor = node.layer == nil && isReshaped
        distances[input - 1] = max(
          distances[input - 1], distances[number] + (isFactor ? 2 : 1))
      }
    }
    var visits = nodes.map { _ in Int.max }
    var waiting = [nodes.count], count = 0
    while let activation = waiting.popLast() {
      guard activation > 0, visits[activation - 1] == .max else { continue }
      visits[activation - 1] = count
      count += 1
      waiting += nodes[activation - 1].inputs.reversed()
    }
    return nodes.indices.sorted {
      (-distances[$0], visits[$0], $0) < (-distances[$1], visits[$1], $1)
    }
  }

  /// The path of a variable.
  func path(of entry: VariableLayout.Entry) -> String {
    "\(groups[entry.node])/vars/\(entry.index)"
  }

  static let stepPath = "/optimizer/vars/0"
  static let ratePath = "/optimizer/vars/1"

  /// The paths of the slots: which slot of which variable is where.
  static func slots(
    _ optimizer: any Optimizer, _ network: Network
  ) -> [(slot: Int, entry: VariableLayout.Entry, path: String)] {
    let places = KerasLayout(network).places
    let trained = network.layout.entries.filter(\.isTrained)
      .sorted { (places[$0.node], $0.index) < (places[$1.node], $1.index) }
    let count = optimizer.slots.count
    var order: [(slot: Int, entry: VariableLayout.Entry)] = []
    if optimizer.interleavesSlots {
      order = trained.flatMap { entry in (0..<count).map { ($0, entry) } }
    } else {
      order = (0..<count).flatMap { slot in trained.map { (slot, $0) } }
    }
    return order.enumerated().map { number, place in
      (place.slot, place.entry, "/optimizer/vars/\(number + 2)")
    }
  }
}
