import Files

/// The layers whose outputs a layer of a Functional model reads, by their names.
struct KerasConnections {
  /// An output of a layer.
  struct Source {
    let name: String
    /// Which use of the layer it is.
    let use: Int
  }

  /// The outputs, in the order in which the layer takes them.
  private(set) var sources: [Source] = []

  /// Reads the one place of a layer in its model: Keras 2 and 3 state it differently.
  ///
  /// - Throws: a `FileError` where the layer is used in several places, or reads what is no layer's first output.
  init(_ object: KerasObject) throws(FileError) {
    guard let nodes = object.members["inbound_nodes"]?.list, nodes.count == 1 else {
      let count = object.members["inbound_nodes"]?.list?.count ?? 0
      throw object.error(
        "inbound_nodes", expected: "one place in the model",
        found: count == 0 ? "none" : "\(count)",
        hint: count > 1 ? "layers cannot be shared" : nil)
    }
    if let arguments = nodes[0]["args"]?.list {
      for argument in arguments { try add(argument, object) }
      try check(nodes[0]["kwargs"], object)
    } else {
      for tensor in nodes[0].list ?? [] {
        try add(history: tensor, object)
        if let parts = tensor.list, parts.count > 3 { try check(parts[3], object) }
      }
    }
  }

  /// The only layer that a model names under a key.
  static func single(_ model: KerasObject, _ key: String) throws(FileError) -> String {
    // One layer as [name, 0, 0], or a list of such.
    let list = model.config[key]?.list ?? []
    let history = list.first?.text == nil ? list.first?.list ?? [] : list
    guard let name = history.first?.text, list.first?.text != nil || list.count == 1 else {
      throw model.error(
        key, expected: "one layer", found: list.isEmpty ? "none" : "\(list.count)",
        hint: "models have one input and one output here")
    }
    return name
  }

  /// Adds the tensors in an argument of Keras 3: one, or a list.
  private mutating func add(_ argument: JSONValue, _ object: KerasObject) throws(FileError) {
    if let list = argument.list {
      for element in list {
        guard element.list == nil else {
          throw object.error("inbound_nodes", expected: "tensors", found: "a list of lists")
        }
        try add(element, object)
      }
      return
    }
    guard argument["class_name"] == "__keras_tensor__",
      let history = argument["config"]?["keras_history"]
    else {
      throw object.error("inbound_nodes", expected: "tensors", found: argument.summary)
    }
    try add(history: history, object)
  }

  private mutating func add(history: JSONValue, _ object: KerasObject) throws(FileError) {
    let parts = history.list ?? []
    guard parts.count >= 3, let name = parts[0].text, let use = parts[1].integer, parts[2] == 0
    else {
      throw object.error(
        "inbound_nodes", expected: "the first output of a layer", found: history.summary)
    }
    sources.append(Source(name: name, use: use))
  }

  /// Throws for arguments that change what the layer computes.
  private func check(_ arguments: JSONValue?, _ object: KerasObject) throws(FileError) {
    guard case .object(let members)? = arguments else { return }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      guard value == .null || (key == "training" && value == false) else {
        throw object.error(
          "inbound_nodes", expected: "no argument \(key)", found: value.summary)
      }
    }
  }
}
