import NeuralNetwork

/// Where Keras 3 keeps things in a `.weights.h5` file.
///
/// A layer's group is named after its class and how many of that class come before it in the
/// model, `layers/conv2d_1`, its variables `vars/0`, `vars/1`, … in ``Layer/variables``' order. The
/// optimizer's are in one list: the number of steps, the learning rate, then the slots.
struct KerasLayout {
  /// The group of each node.
  let groups: [String]

  init(_ network: Network) {
    var uses: [String: Int] = [:]
    groups = network.nodes.map { node in
      // What joins a block's activations has the same name in both.
      let name = LayerRegistry.type(of: node.kind)?.kerasClass ?? node.kind
      let use = uses[name, default: 0]
      uses[name] = use + 1
      return "/layers/" + (use == 0 ? name : "\(name)_\(use)")
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
    let trained = network.layout.entries.filter(\.isTrained)
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
