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
    let order = KerasOrder(network.nodes).vertices
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

  /// The path of a variable.
  func path(of entry: VariableLayout.Entry) -> String {
    "\(groups[entry.node])/vars/\(entry.index)"
  }

  static let stepPath = "/optimizer/vars/0"
  static let ratePath = "/optimizer/vars/1"

  /// The paths of the slots: which slot of which variable is where.
  static func slots(
    _ optimizer: any Optimizer, _ network: Network
  ) -> [Slot] {
    slots(optimizer, of: trainedEntries(network), first: 2)
  }

  /// Where one slot of one variable is.
  struct Slot {
    let slot: Int
    let entry: VariableLayout.Entry
    let path: String
  }

  /// The trained variables in Keras's order of layers.
  static func trainedEntries(_ network: Network) -> [VariableLayout.Entry] {
    let places = KerasLayout(network).places
    return network.layout.entries.filter(\.isTrained)
      .sorted { (places[$0.node], $0.index) < (places[$1.node], $1.index) }
  }

  /// The paths of the slots of some variables, from the array with the number `first` on.
  static func slots(
    _ optimizer: any Optimizer, of trained: [VariableLayout.Entry], first: Int
  ) -> [Slot] {
    let count = optimizer.slots.count
    var order: [(slot: Int, entry: VariableLayout.Entry)] = []
    if optimizer.interleavesSlots {
      order = trained.flatMap { entry in (0..<count).map { ($0, entry) } }
    } else {
      order = (0..<count).flatMap { slot in trained.map { (slot, $0) } }
    }
    return order.enumerated().map { number, place in
      Slot(slot: place.slot, entry: place.entry, path: "/optimizer/vars/\(number + first)")
    }
  }
}
