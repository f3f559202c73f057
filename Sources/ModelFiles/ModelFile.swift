import Files
import NeuralNetwork
import Training
import Yams

/// A model and its training settings, as a YAML file states them.
public struct ModelFile: Sendable, Equatable {
  /// The layers and the shape of their input.
  public let spec: ModelSpec
  /// The `training:` block.
  public let training: TrainingOptions
  /// The file's text.
  public let text: String

  /// The most bytes a model file may have.
  static let largestText = 1 << 20

  /// Reads a file.
  ///
  /// - Throws: a `FileError` with the line and the column of the first thing that is wrong: an
  ///   unknown key, a value of another type.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(text: try Self.text(of: path), file: path)
  }

  /// The first bytes of HDF5 files, plain and sealed.
  private static let hdf5Starts = [
    [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], Array("MiniCNN ".utf8),
  ]

  /// The text of a file that a person wrote.
  package static func text(of path: String) throws(FileError) -> String {
    guard !hdf5Starts.contains(try RegularFile(path).start(8)) else {
      throw FileError(
        .invalid, file: path, expected: "YAML text", found: "an HDF5 file",
        hint: "a checkpoint holds a model, but is not a model file")
    }
    let bytes = try WholeFile.read(path, limit: largestText)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileError(.invalid, file: path, expected: "UTF-8 text", found: "other bytes")
    }
    return text
  }

  /// Reads a text; `file` is what messages call it.
  public init(text: String, file: String) throws(FileError) {
    guard let root = try YAMLNode.parse(text, file: file) else {
      throw FileError(.invalid, file: file, expected: "a model", found: "an empty file")
    }
    let fields = try YAMLFields(
      root, file: file, owner: "a model", allowed: ["name", "input", "layers", "training"])
    let extents = try fields.integers(try fields.required("input"), "input", counts: 1...3)
    guard extents.allSatisfy({ $0 >= 1 }), let inputNode = fields.node("input") else {
      throw FileError.yaml(
        file, try fields.required("input"), expected: "input: extents of at least 1",
        found: "\(extents)")
    }
    guard extents.allSatisfy({ $0 <= 1 << 15 }) else {
      throw FileError.yaml(
        file, inputNode, expected: "input: extents of at most \(1 << 15)", found: "\(extents)")
    }
    _ = try fields.required("name")
    let name = try fields.text("name") ?? ""
    guard name.utf8.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "/") }), !name.hasPrefix(".")
    else {
      throw FileError.yaml(
        file, try fields.required("name"), expected: "name: one without spaces and slashes",
        found: "\"\(name)\"", hint: "checkpoints are named after it")
    }
    var decoder = LayerDecoder(file: file)
    spec = ModelSpec(
      name, input: Shape(extents), layers: try decoder.layers(try fields.required("layers")))
    training =
      try fields.node("training").map { (node) throws(FileError) in
        try TrainingOptions(node, file: file)
      } ?? TrainingOptions()
    self.text = text
  }

  /// Creates a model; `nil` where it has a layer that is not in the ``LayerRegistry``, or a name that no file
  /// can state.
  public init?(_ spec: ModelSpec, training: TrainingOptions = TrainingOptions()) {
    guard let layers = LayerEncoder.lines(spec.layers, indent: "  ") else { return nil }
    var lines = [
      "name: \(spec.name.yamlQuoted)",
      "input: [\(spec.input.array.map(String.init).joined(separator: ", "))]", "layers:",
    ]
    lines += layers
    let settings = training.yamlLines(indent: "  ")
    if !settings.isEmpty { lines += ["training:"] + settings }
    self.spec = spec
    self.training = training
    text = lines.joined(separator: "\n") + "\n"
    // A file that could not be read again would make what is saved with it unreadable too.
    guard (try? ModelFile(text: text, file: spec.name))?.spec == spec else { return nil }
  }
}

extension ModelError {
  /// What is wrong with a model where ``ModelFile`` is `nil` for it.
  package init(unstatable model: ModelSpec) {
    let name = model.name.debugDescription
    guard let kind = LayerEncoder.unknownKind(model.layers) else {
      self.init("the model \(name) has a name or a setting that no model file can state")
      return
    }
    self.init(
      "the model \(name) has a layer \"\(kind)\", which no model file can state",
      hint: "LayerRegistry.register makes a layer of your own one that can")
  }
}
