import NeuralNetwork

/// Why a node of a graph is none that is read here.
struct ONNXProblem: Error {
  /// What should have been there, where that can be said.
  let expected: String?
  /// What was there instead.
  let found: String

  init(expected: String? = nil, found: String) { (self.expected, self.found) = (expected, found) }

  /// A layer that cannot be built.
  init(_ error: ModelError) { self.init(found: error.description) }

  /// A setting out of its range.
  init(_ error: SettingError) {
    self.init(expected: "\(error.setting): \(error.expected)", found: error.found)
  }
}

/// The attributes of a node, each of which is to be read: one that nobody asks for might change what it computes.
struct ONNXSettings {
  private var rest: [String: ONNXAttribute.Value] = [:]

  init(_ node: ONNXNode) throws(ONNXProblem) {
    for attribute in node.attributes {
      guard rest.updateValue(attribute.value, forKey: attribute.name) == nil else {
        throw ONNXProblem(found: "attribute \(attribute.name) twice")
      }
    }
  }

  /// Whole numbers from 0 to what an extent can be, as many as `count` where that is stated.
  mutating func ints(
    _ name: String, count: Int? = nil, default standard: [Int]? = nil
  ) throws(ONNXProblem) -> [Int] {
    guard let value = rest.removeValue(forKey: name) else {
      if let standard { return standard }
      throw ONNXProblem(expected: "attribute \(name)", found: "none")
    }
    guard case .ints(let ints) = value, ints.count == count ?? ints.count,
      ints.allSatisfy({ (0...1 << 26).contains($0) })
    else { throw wrong(name, "\(count.map { "\($0) " } ?? "")whole numbers") }
    return ints.map(Int.init)
  }

  /// A whole number.
  mutating func int(_ name: String, default standard: Int) throws(ONNXProblem) -> Int {
    guard let value = rest.removeValue(forKey: name) else { return standard }
    guard case .int(let int) = value, (-(1 << 26)...1 << 26).contains(int) else {
      throw wrong(name, "a whole number")
    }
    return Int(int)
  }

  /// A number.
  mutating func float(_ name: String, default standard: Float) throws(ONNXProblem) -> Float {
    guard let value = rest.removeValue(forKey: name) else { return standard }
    guard case .float(let float) = value else { throw wrong(name, "a float") }
    return float
  }

  /// Throws where a text is another one than this.
  mutating func expect(
    _ name: String, _ wanted: String, default standard: String
  ) throws(ONNXProblem) {
    let value = rest.removeValue(forKey: name) ?? .string(standard)
    guard value == .string(wanted) else { throw wrong(name, wanted) }
  }

  /// Throws where a number is another one than this.
  mutating func expect(
    _ name: String, _ wanted: Int, default standard: Int
  ) throws(ONNXProblem) {
    guard try int(name, default: standard) == wanted else { throw wrong(name, "\(wanted)") }
  }

  /// Throws where an attribute is left that nobody has asked for.
  func end() throws(ONNXProblem) {
    if let name = rest.keys.min() {
      throw ONNXProblem(expected: "no attribute \(name)", found: "one")
    }
  }

  private func wrong(_ name: String, _ expected: String) -> ONNXProblem {
    ONNXProblem(expected: "\(expected) for attribute \(name)", found: "something else")
  }
}
