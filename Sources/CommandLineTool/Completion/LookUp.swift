import ArgumentParser
import MiniCNN
import Platform

/// Values that the tool looks up while a command line is typed.
enum LookUp: String {
  /// The names of a model's layers.
  case layerNames
  /// The kinds of layers.
  case layerKinds
  /// Metrics, separated by commas.
  case metrics
  /// What changes training images, as comma-separated pairs of key and value.
  case augmentation
  /// A model file, a trained model of any framework, either, a checkpoint, or a folder of data: a path, or the name
  /// of what is installed.
  case modelFile, trainedModel, network, checkpoint, data

  private static let modelFiles = ["*.yaml", "*.yml"]
  private static let trainedModels = ["*.h5", "*.hdf5", "*.keras", "*.onnx", "*.safetensors"]

  func found(
    typed: String, on line: CommandLineState
  ) -> (candidates: [Completion.Candidate], files: Completion.Files) {
    let candidates: [Completion.Candidate]
    var files = Completion.Files.none
    switch self {
    case .layerNames: candidates = Self.layerNames(on: line).map { .init(word: $0) }
    case .layerKinds:
      candidates = LayerRegistry.builtIn.map { .init(word: $0.kind, about: $0.help) }
    case .metrics: candidates = Self.further(MetricRegistry.kinds, after: typed)
    case .augmentation:
      candidates =
        (typed.contains(",") ? [] : [.init(word: "none")])
        + Self.further(Augmentation.keys.map { $0 + "=" }, after: typed)
    case .modelFile: (candidates, files) = (Self.names(.model), .matching(Self.modelFiles))
    case .trainedModel: (candidates, files) = (Self.names(.weights), .matching(Self.trainedModels))
    case .network:
      candidates = Self.names(.model, .weights)
      files = .matching(Self.modelFiles + Self.trainedModels)
    case .checkpoint: (candidates, files) = (Self.names(.weights), .matching(["*.h5"]))
    case .data: (candidates, files) = (Self.names(.data), .folders)
    }
    return (candidates, files)
  }

  /// The names of what is installed of some kinds.
  private static func names(_ kinds: InstalledKind...) -> [Completion.Candidate] {
    Set(kinds.flatMap { Installation.current.items($0) }.map(\.name)).sorted()
      .map { .init(word: $0) }
  }

  /// Those of some words that a comma-separated list does not have yet, behind what it has.
  private static func further(_ words: [String], after typed: String) -> [Completion.Candidate] {
    let items = typed.split(separator: ",", omittingEmptySubsequences: false).dropLast()
    let start = items.map { $0 + "," }.joined()
    return words.filter { word in !items.contains { $0.hasPrefix(word) } }
      .map { .init(word: start + $0) }
  }

  /// The layers of the model file or the weights that a command line names.
  private static func layerNames(on line: CommandLineState) -> [String] {
    func names(
      _ option: String, _ kind: InstalledKind, _ read: (String) throws -> Network
    ) -> [String]? {
      line.values[option].flatMap {
        try? read(Installation.current.path(of: $0.asPath, as: kind))
      }?.nodes.map(\.name).filter(\.isPlain)
    }
    return names("--model", .model) { try Network(ModelFile(contentsOf: $0).spec, seed: 0) }
      ?? names("--init", .weights) { try Checkpoint(contentsOf: $0).network } ?? []
  }
}

extension CompletionKind {
  /// What the tool looks up.
  static func lookUp(_ kind: LookUp) -> CompletionKind { .shellCommand(kind.rawValue) }
}

extension String {
  /// The path that a shell makes of a word: without backslashes and quotation marks, `~` being home.
  fileprivate var asPath: String {
    let path = replacing(/\\(.)/) { $0.1 }.filter { $0 != "'" && $0 != "\"" }
    guard path.hasPrefix("~/"), let home = environmentVariable("HOME") else { return path }
    return home + path.dropFirst()
  }

  /// Whether a shell takes it as it is, so that it needs no quotation.
  fileprivate var isPlain: Bool {
    !isEmpty
      && utf8.allSatisfy {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "_-./".utf8.contains($0)
      }
  }
}
