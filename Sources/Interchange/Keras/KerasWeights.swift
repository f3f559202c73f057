import Files
import HDF5
import NeuralNetwork

/// Where a file of Keras has the variables of layers.
enum KerasWeights {
  /// In a `.weights.h5` file: in groups named after classes.
  case current
  /// In an older file: in groups named after layers, below this group.
  case legacy(root: String)

  /// A variable of ours and the path at which a file has it.
  struct Place {
    let entry: VariableLayout.Entry
    let path: String
    /// Whether there is one number for all channels.
    let isSingle: Bool
  }

  /// The places of all variables that are stored, in Keras's order of layers.
  ///
  /// - Throws: a `FileError` where a group is missing or has another number of variables.
  func places(
    _ leaves: [KerasGraph.Leaf], _ network: Network, _ file: borrowing HDF5File
  ) throws(FileError) -> [Place] {
    let all = Dictionary(grouping: network.layout.entries) { network.nodes[$0.node].name }
    let entries = leaves.map { leaf in
      leaf.reading.constants.isEmpty ? leaf.names.flatMap { all[$0] ?? [] } : []
    }
    switch self {
    case .current:
      return try Self.currentPlaces(leaves, entries, file)
    case .legacy(let root):
      return try Self.legacyPlaces(leaves, entries, file, below: root)
    }
  }

  private static func currentPlaces(
    _ leaves: [KerasGraph.Leaf], _ entries: [[VariableLayout.Entry]],
    _ file: borrowing HDF5File
  ) throws(FileError) -> [Place] {
    var places: [Place] = []
    for (leaf, entries) in zip(leaves, entries) where !entries.isEmpty {
      let group = "\(leaf.group)/vars"
      let kind = try file.kind(of: group)
      let count = kind == .group ? try file.members(of: group).count : 0
      guard count == entries.count else {
        throw FileError(
          .invalid, file: file.path, place: group,
          expected: "\(entries.count) variables of layer \(leaf.object.name)",
          found: kind == .group ? "\(count)" : kind == nil ? "nothing" : "no group")
      }
      for (number, entry) in entries.enumerated() {
        places.append(
          Place(
            entry: entry, path: "\(group)/\(number)",
            isSingle: leaf.reading.hasSingleStatistics && entry.variable.shape.rank == 1))
      }
    }
    return places
  }

  /// Of each layer of the outermost model, what is trained comes first; of a model inside it, what is trained in
  /// all of its layers.
  private static func legacyPlaces(
    _ leaves: [KerasGraph.Leaf], _ entries: [[VariableLayout.Entry]],
    _ file: borrowing HDF5File, below root: String
  ) throws(FileError) -> [Place] {
    var groups: [(name: String, entries: [(entry: VariableLayout.Entry, isSingle: Bool)])] = []
    for (leaf, entries) in zip(leaves, entries) {
      if groups.last?.name != leaf.outermost { groups.append((leaf.outermost, [])) }
      groups[groups.count - 1].entries += entries.map {
        ($0, leaf.reading.hasSingleStatistics && $0.variable.shape.rank == 1)
      }
    }
    var places: [Place] = []
    for group in groups where !group.entries.isEmpty {
      let path = "\(root)/\(group.name)"
      guard try file.kind(of: path) == .group else {
        throw FileError(
          .invalid, file: file.path, place: path, expected: "a group with the weights of a layer",
          found: "none")
      }
      let names = try texts(file, path, "weight_names") ?? []
      let ordered =
        group.entries.filter(\.entry.isTrained) + group.entries.filter { !$0.entry.isTrained }
      guard names.count == ordered.count else {
        throw FileError(
          .invalid, file: file.path, place: "\(path): attribute weight_names",
          expected: "\(ordered.count) names", found: "\(names.count)")
      }
      places += zip(names, ordered).map {
        Place(entry: $1.entry, path: "\(path)/\($0)", isSingle: $1.isSingle)
      }
    }
    return places
  }

  /// A list of texts in an attribute, or, where it is too long for one, in `NAME0`, `NAME1`, ….
  static func texts(
    _ file: borrowing HDF5File, _ object: String, _ name: String
  ) throws(FileError) -> [String]? {
    if let texts = try file.texts(of: object, attribute: name) { return texts }
    var all: [String]?
    // Each has at least one text, and all of them together no more than the reader lets through in one.
    for number in 0..<1024 {
      guard let texts = try file.texts(of: object, attribute: "\(name)\(number)") else { break }
      all = (all ?? []) + texts
    }
    return all
  }

  /// Reads a variable, which has exactly the shape that the network has.
  static func values(_ place: Place, _ file: borrowing HDF5File) throws(FileError) -> [Float] {
    let variable = place.entry.variable
    if variable.isCount {
      return try file.read(place.path, as: Int64.self, shape: []).map { Float($0) }
    }
    guard place.isSingle else {
      return try file.read(place.path, as: Float.self, shape: variable.shape.array)
    }
    let value = try file.read(place.path, as: Float.self, shape: [])[0]
    return [Float](repeating: value, count: variable.shape.count)
  }
}
