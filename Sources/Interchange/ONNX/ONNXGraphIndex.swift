/// Which nodes of a graph read what, and which of them have been read.
struct ONNXGraphIndex {
  private let nodes: [ONNXNode]
  private let arrays: [String: ONNXTensor]
  private let repeatedNumbers: [String: Float]
  /// The nodes that read each tensor; `nil` among them for the graph, which gives it.
  private let readers: [String: [Int?]]
  private var isTaken: [Bool]

  /// Numbers the nodes of a graph; of several arrays with one name the first counts.
  init(_ graph: ONNXGraph) {
    nodes = graph.nodes
    arrays = Dictionary(graph.initializers.map { ($0.name, $0) }) { first, _ in first }
    // Once, as many nodes may read one.
    repeatedNumbers = arrays.compactMapValues(\.repeatedNumber)
    var readers: [String: [Int?]] = [:]
    for (number, node) in nodes.enumerated() {
      for input in node.inputs { readers[input, default: []].append(number) }
    }
    for output in graph.outputs { readers[output.name, default: []].append(nil) }
    self.readers = readers
    isTaken = nodes.map { _ in false }
  }

  /// The array of the file with a name.
  func array(named name: String) -> ONNXTensor? { arrays[name] }

  /// The number that a vector of the file has in every place, which a node reads in some place; `nil` where that is
  /// something else.
  func repeatedNumber(_ node: ONNXNode, _ place: Int) -> Float? {
    node.inputs.indices.contains(place) ? repeatedNumbers[node.inputs[place]] : nil
  }

  /// The node with a number, unless it has been read: it is now.
  mutating func take(_ number: Int) -> ONNXNode? {
    guard !isTaken[number] else { return nil }
    isTaken[number] = true
    return nodes[number]
  }

  /// The only node that reads a tensor, if it is of this type and `fits`: it is then read.
  mutating func take(
    _ type: String, after tensor: String, where fits: (ONNXNode) -> Bool = { _ in true }
  ) -> ONNXNode? {
    guard let number = onlyReader(of: tensor), nodes[number].type == type, fits(nodes[number])
    else { return nil }
    return take(number)
  }

  /// The only node that reads a tensor, if it is of this type and reads an array of the file besides, or else a
  /// single number of it: it is then read.
  mutating func take(_ type: String, after tensor: String, withArray isArray: Bool) -> ONNXNode? {
    let arrays = arrays
    return take(type, after: tensor) { node in
      node.inputs.count == 2 && arrays[node.inputs[1]].map { $0.shape.isEmpty } == !isArray
    }
  }

  /// The product of two tensors, if that is the only node that reads the second one: it is then read.
  mutating func takeProduct(of tensor: String, after other: String) -> ONNXNode? {
    take("Mul", after: other) { $0.inputs == [tensor, other] || $0.inputs == [other, tensor] }
  }

  /// The square of a tensor, which others may read too: it is then read.
  mutating func takeSquare(of tensor: String) -> ONNXNode? {
    let square = readers[tensor]?.lazy.compactMap(\.self).first {
      nodes[$0].type == "Mul" && nodes[$0].inputs == [tensor, tensor]
    }
    return square.flatMap { take($0) }
  }

  /// Whether all that reads a tensor has been read.
  func isSpent(_ tensor: String) -> Bool {
    readers[tensor]?.allSatisfy { $0.map { isTaken[$0] } ?? false } ?? true
  }

  private func onlyReader(of tensor: String) -> Int? {
    guard let all = readers[tensor], let first = all.first, all.allSatisfy({ $0 == first }) else {
      return nil
    }
    return first
  }
}

extension ONNXTensor {
  /// The number that a vector of floats has in every place, if it does.
  fileprivate var repeatedNumber: Float? {
    guard element == .float, shape.count == 1,
      let first = [Float](littleEndian: bytes.prefix(4)).first
    else { return nil }
    let bits = Array(bytes.prefix(4))
    let isSame = bytes.indices.allSatisfy { bytes[$0] == bits[($0 - bytes.startIndex) % 4] }
    return isSame ? first : nil
  }
}
