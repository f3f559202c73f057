import Files
import NeuralNetwork

/// A network with its weights from the state dict of a PyTorch module.
///
/// A file of ours, or any other with our names in it, is read by names. In any other each layer takes the arrays
/// whose shapes it needs, those with equal shapes in the order of their modules' names.
struct SafeTensorsWeights {
  /// The network with the weights of the file.
  let network: Network
  /// The module that each layer with weights took, in the order of the layers; `nil` where the names are ours.
  let modules: [(layer: String, module: String)]?

  /// - Throws: a `FileError` that names the first array that is missing, left over, or of another shape, or the
  ///   first layer that PyTorch has nothing like.
  init(_ file: SafeTensorsFile, for network: Network) throws(FileError) {
    let torch: TorchNetwork
    do {
      torch = try TorchNetwork(network)
    } catch {
      throw FileError(.invalid, file: file.path, found: "\(error)")
    }
    let groups = TorchGroup.all(of: torch.tensors, in: network)
    let hasOurNames =
      torch.tensors.isEmpty || torch.tensors.contains { file.entries[$0.name] != nil }
    var names = Dictionary(uniqueKeysWithValues: groups.map { ($0.module, $0.module) })
    if !hasOurNames { names = try Self.match(groups, file) }
    var loaded = network
    var read: Set<String> = []
    for group in groups {
      let module = names[group.module] ?? group.module
      for tensor in group.tensors {
        let name = TorchGroup.join(module, group.parameter(of: tensor))
        try Self.load(tensor, name, from: file, into: &loaded)
        read.insert(name)
      }
    }
    for name in file.entries.keys.sorted() where !read.contains(name) {
      throw FileError(
        .invalid, file: file.path, place: name.quoted, expected: "no such array",
        found: "shape \(file.entries[name]?.shape.prefix(8) ?? [])",
        hint: "these weights belong to another model")
    }
    self.network = loaded
    modules = hasOurNames ? nil : groups.map { ($0.layer, names[$0.module] ?? $0.module) }
  }

  private static func load(
    _ tensor: TorchTensor, _ name: String, from file: SafeTensorsFile, into network: inout Network
  ) throws(FileError) {
    switch tensor.content {
    case .variable(let entry, let order):
      let values = try file.floats(name, shape: tensor.shape)
      network.setValues(order.inverse(values), of: entry)
    case .constant(let value):
      // Some modules have no such parameter either.
      guard file.entries[name] != nil else { return }
      guard try file.floats(name, shape: tensor.shape).allSatisfy({ $0 == value }) else {
        throw FileError(
          .invalid, file: file.path, place: name, expected: "\(value) throughout",
          found: "other numbers", hint: "the model's layer has no such parameter")
      }
    case .count(let entry):
      guard let entry else { return }
      guard let count = file.count(name), count >= 0 else {
        throw FileError(
          .invalid, file: file.path, place: name, expected: "a count: I64 of shape []",
          found: file.entries[name] == nil ? "nothing" : "something else")
      }
      network.setValues([Float(count)], of: entry)
    }
  }

  /// The module of the file for each of ours.
  private static func match(
    _ groups: [TorchGroup], _ file: SafeTensorsFile
  ) throws(FileError) -> [String: String] {
    var theirs: [String: [String: [Int]]] = [:]
    for (name, entry) in file.entries {
      let (module, parameter) = TorchGroup.split(name)
      theirs[module, default: [:]][parameter] = entry.shape
    }
    var free = theirs.keys.sorted(by: isInNaturalOrder)
    var names: [String: String] = [:]
    for group in groups {
      guard let place = free.firstIndex(where: { group.fits(theirs[$0] ?? [:]) }) else {
        throw FileError(
          .invalid, file: file.path, expected: "arrays for layer \(group.layer): \(group.shapes)",
          found: free.isEmpty
            ? "none that no other layer takes" : "none of these shapes among the others",
          hint: "these weights belong to another model")
      }
      names[group.module] = free.remove(at: place)
    }
    return names
  }
}

/// The arrays of one layer.
private struct TorchGroup {
  /// What the model calls the layer.
  let layer: String
  /// What our state dict calls it.
  let module: String
  let tensors: [TorchTensor]

  /// The groups of a network's layers that have arrays.
  static func all(of tensors: [TorchTensor], in network: Network) -> [TorchGroup] {
    let attributes = TorchNames.attributes(network.nodes.map(\.name))
    return zip(network.nodes, attributes).compactMap { node, attribute in
      let own = tensors.filter { split($0.name).module == attribute }
      return own.isEmpty ? nil : TorchGroup(layer: node.name, module: attribute, tensors: own)
    }
  }

  func parameter(of tensor: TorchTensor) -> String { Self.split(tensor.name).parameter }

  /// Whether a module has these arrays and no others; counts and constants may be missing.
  func fits(_ shapes: [String: [Int]]) -> Bool {
    var expected: [String: [Int]] = [:]
    for tensor in tensors {
      let name = parameter(of: tensor)
      if case .variable = tensor.content {
        guard shapes[name] != nil else { return false }
      }
      expected[name] = tensor.shape
    }
    return shapes.allSatisfy { expected[$0.key] == $0.value }
  }

  /// What its arrays are, for messages.
  var shapes: String {
    tensors.map { "\(parameter(of: $0)) \($0.shape)" }.joined(separator: ", ")
  }

  /// A name as a module's and a parameter's; the part after the last point is the latter.
  static func split(_ name: String) -> (module: String, parameter: String) {
    let utf8 = name.utf8
    guard let point = utf8.lastIndex(of: UInt8(ascii: ".")) else { return ("", name) }
    return (
      String(decoding: utf8[..<point], as: UTF8.self),
      String(decoding: utf8[utf8.index(after: point)...], as: UTF8.self)
    )
  }

  static func join(_ module: String, _ parameter: String) -> String {
    module.isEmpty ? parameter : "\(module).\(parameter)"
  }
}
