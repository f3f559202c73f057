import Files
import HDF5
import NeuralNetwork

/// The variables of a network in a file laid out as Keras 3's `.weights.h5`.
enum WeightsFile {
  /// The group that holds the average of a run's weights, laid out as the last ones are in the
  /// root.
  static let average = "/minicnn/average"

  /// Writes every variable, below a group.
  static func write(
    _ network: Network, to writer: borrowing HDF5Writer, below root: String = ""
  ) throws(FileError) {
    let layout = KerasLayout(network)
    // Even a model without variables has the group.
    try writer.createGroup("\(root)/layers")
    for entry in network.layout.entries {
      let values = UnsafeBufferPointer(
        start: network.variables.pointer + entry.offset, count: entry.range.count)
      let (shape, path) = (entry.variable.shape.array, root + layout.path(of: entry))
      if entry.variable.isCount {
        try writer.write(values.map { Int64(exactly: $0) ?? 0 }, shape: shape, to: path)
      } else {
        try writer.write(values, shape: shape, to: path)
      }
    }
  }

  /// Reads every variable below a group, each with exactly the shape the network has; changes
  /// nothing on failure.
  static func read(
    _ file: borrowing HDF5File, into network: inout Network, below root: String = ""
  ) throws(FileError) {
    let layout = KerasLayout(network)
    var loaded = network
    for entry in network.layout.entries {
      let path = root + layout.path(of: entry)
      guard try file.kind(of: path) != nil else {
        throw FileError(
          .invalid, file: file.path, place: path,
          expected: "\(entry.variable.name) of layer \(network.nodes[entry.node].name)",
          found: "nothing", hint: "these weights belong to another model")
      }
      loaded.setValues(try values(of: entry.variable, file, at: path), of: entry)
    }
    try refuseSurplus(file, layout, network, below: root)
    network = loaded
  }

  /// The elements of a variable, which is at a path with exactly its shape.
  static func values(
    of variable: Variable, _ file: borrowing HDF5File, at path: String
  ) throws(FileError) -> [Float] {
    variable.isCount
      ? try file.read(path, as: Int64.self, shape: variable.shape.array).map { Float($0) }
      : try file.read(path, as: Float.self, shape: variable.shape.array)
  }

  /// A layer that has variables in the file but none in the network means another model.
  private static func refuseSurplus(
    _ file: borrowing HDF5File, _ layout: KerasLayout, _ network: Network, below root: String
  ) throws(FileError) {
    let known = Dictionary(
      grouping: network.layout.entries, by: { layout.groups[$0.node] }
    ).mapValues(\.count)
    for name in try file.members(of: "\(root)/layers") {
      let group = "/layers/\(name)"
      let variables = "\(root)\(group)/vars"
      guard try file.kind(of: variables) == .group else { continue }
      let count = try file.members(of: variables).count
      guard count == known[group, default: 0] else {
        throw FileError(
          .invalid, file: file.path, place: root + group,
          expected: "\(known[group, default: 0]) variables", found: "\(count)",
          hint: "these weights belong to another model")
      }
    }
  }
}

extension Network {
  /// Replaces the variables by those of a checkpoint or of a file that Keras saved; by their average
  /// where the run kept one.
  ///
  /// - Throws: a `FileError` that names the first variable that is missing or of another shape; the
  ///   network is then unchanged.
  public mutating func loadWeights(from path: String) throws(FileError) {
    let file = try HDF5File(reading: path)
    let hasAverage = try file.kind(of: WeightsFile.average) == .group
    try WeightsFile.read(file, into: &self, below: hasAverage ? WeightsFile.average : "")
  }

  /// The SHA-256 of all variables, running statistics included, as little-endian 32-bit floats in
  /// the order in which a file has them.
  public var weightsSHA256: String {
    var digest = SHA256()
    for entry in layout.entries {
      digest.update(
        UnsafeRawBufferPointer(
          start: variables.pointer + entry.offset, count: entry.range.count * 4))
    }
    return digest.finalize().hexadecimal
  }
}
