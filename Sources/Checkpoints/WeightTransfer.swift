import Files
import HDF5
import ModelFiles
import NeuralNetwork

/// What a network took from a file, layer by layer, and what it started anew.
public struct WeightTransfer: Sendable, Equatable {
  /// A layer whose variables do not fit, or are not there.
  public struct NewStart: Sendable, Equatable {
    /// The layer's name.
    public let layer: String
    /// Why: `kernel 84×10, there 84×5`, or "not there".
    public let reason: String

    package init(layer: String, reason: String) { (self.layer, self.reason) = (layer, reason) }
  }

  /// The file.
  public let file: String
  /// The layers whose variables were all taken, in the network's order.
  public let taken: [String]
  /// The layers that keep what they had.
  public let anew: [NewStart]

  package init(file: String, taken: [String], anew: [NewStart]) {
    (self.file, self.taken, self.anew) = (file, taken, anew)
  }
}

extension WeightTransfer: CustomStringConvertible {
  /// One line: `took conv2d, conv2d_1 and dense from digits.weights.h5; dense_1 starts anew (kernel 84×10,
  /// there 84×5)`.
  public var description: String {
    let parts = anew.map { "\($0.layer) (\($0.reason))" }
    let rest =
      switch anew.count {
      case 0: ""
      case 1: "; \(anew[0].layer) starts anew (\(anew[0].reason))"
      default: "; \(parts.listed) start anew"
      }
    return "took \(taken.listed) from \(file)" + rest
  }
}

extension Network {
  /// Replaces the variables of every layer that a file has under the same name with the same shapes; a
  /// checkpoint's average where its run kept one.
  ///
  /// In a checkpoint layers are found by their names, in a file that Keras saved by their place among
  /// the layers of their class.
  ///
  /// - Parameter isStrict: whether every layer with variables has to fit, and the file may have no other.
  /// - Throws: a `FileError` where nothing fits, or, if that is asked for, not all; the network is then
  ///   unchanged.
  public mutating func takeWeights(
    from path: String, isStrict: Bool = false
  ) throws(FileError) -> WeightTransfer {
    let file = try HDF5File(reading: path)
    let hasAverage = try file.kind(of: WeightsFile.average) == .group
    let root = hasAverage ? WeightsFile.average : ""
    let places = try WeightPlaces(file, for: self)
    var loaded = self
    var taken: [String] = []
    var anew: [WeightTransfer.NewStart] = []
    for (number, node) in nodes.enumerated() {
      let entries = layout.entries.filter { $0.node == number }
      guard !entries.isEmpty else { continue }
      if let reason = try places.misfit(entries, node, file, below: root) {
        anew.append(WeightTransfer.NewStart(layer: node.name, reason: reason))
        continue
      }
      for entry in entries {
        guard let place = places.path(of: entry, node) else { continue }
        loaded.setValues(
          try WeightsFile.values(of: entry.variable, file, at: root + place), of: entry)
      }
      taken.append(node.name)
    }
    guard !taken.isEmpty else {
      throw FileError(
        .invalid, file: path, expected: "a layer that \(spec.name) has too",
        found: anew.isEmpty ? "a model without variables" : "none that fits",
        hint: anew.first.map { "\($0.layer): \($0.reason)" })
    }
    if isStrict { try places.requireAll(of: self, taken: taken, anew: anew, path) }
    self = loaded
    return WeightTransfer(file: path, taken: taken, anew: anew)
  }
}

/// Where a file has the variables of layers.
private struct WeightPlaces {
  /// The paths of a layer's variables, by its name and theirs.
  private var paths: [String: [String: String]] = [:]

  /// Those of a checkpoint's own model, or those where Keras would have put a network's.
  init(_ file: borrowing HDF5File, for network: Network) throws(FileError) {
    guard try file.kind(of: Checkpoint.versionPath) != nil else {
      add(network)
      return
    }
    let name = "\(file.path): model"
    let texts = try file.readTexts("/minicnn/model", limit: Checkpoint.largestText)
    let model = try ModelFile(text: texts.first ?? "", file: name)
    do throws(ModelError) {
      add(try Network(model.spec, seed: 0, limit: 16_000 + file.upperBound / 4))
    } catch {
      throw FileError(.invalid, file: name, found: "\(error)")
    }
  }

  private mutating func add(_ network: Network) {
    let layout = KerasLayout(network)
    for entry in network.layout.entries {
      paths[network.nodes[entry.node].name, default: [:]][entry.variable.name] =
        layout.path(of: entry)
    }
  }

  func path(of entry: VariableLayout.Entry, _ node: Node) -> String? {
    paths[node.name]?[entry.variable.name]
  }

  /// Throws where a layer of a network was not taken, or the file has one more with variables.
  func requireAll(
    of network: Network, taken: [String], anew: [WeightTransfer.NewStart], _ file: String
  ) throws(FileError) {
    if let first = anew.first {
      throw FileError(
        .invalid, file: file, place: "layer \(first.layer)",
        expected: "every layer of \(network.spec.name)", found: first.reason)
    }
    if let other = paths.keys.sorted().first(where: { !taken.contains($0) }) {
      throw FileError(
        .invalid, file: file, place: "layer \(other)",
        expected: "no layer but those of \(network.spec.name)", found: "one more")
    }
  }

  /// Why a layer's variables cannot be taken; `nil` where they can.
  func misfit(
    _ entries: [VariableLayout.Entry], _ node: Node, _ file: borrowing HDF5File, below root: String
  ) throws(FileError) -> String? {
    for entry in entries {
      guard let path = path(of: entry, node), try file.kind(of: root + path) == .dataset else {
        return "not there"
      }
      let form = try file.form(of: root + path)
      let shape = form.shape ?? []
      guard shape == entry.variable.shape.array else {
        let found = shape.map(String.init).joined(separator: "×")
        return "\(entry.variable.name) \(entry.variable.shape), there \(found)"
      }
      switch form.type {
      case .float where !entry.variable.isCount, .integer where entry.variable.isCount: break
      default: return "\(entry.variable.name) is not made of numbers of its kind there"
      }
    }
    return nil
  }
}

extension [String] {
  /// `a, b and c`; the first and the last of more than six.
  fileprivate var listed: String {
    guard let last, count > 1 else { return first ?? "nothing" }
    guard count <= 6 else { return "\(count) layers, \(self[0]) to \(last)," }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}
