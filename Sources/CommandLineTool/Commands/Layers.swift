import ArgumentParser
import MiniCNN

/// Lists the kinds of layers.
struct Layers: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the kinds of layers that a model file can state, with their settings.",
    discussion: """
      EXAMPLES
        minicnn layers
        minicnn layers max_pool2d
        minicnn layers --json

      In a model file a layer is its kind alone, or its kind with settings: relu, or \
      conv2d: {filters: 8, kernel: 3}. A kernel, a window, a stride is one number or [height, width].
      JSON: layers (kind, keras, help, settings); each setting has key, values, default (null where it \
      is required), required, help.


      """ + lines(LayerRegistry.builtIn, columns: 78).map { "  \($0)" }.joined(separator: "\n"))

  @Argument(help: "The kinds to list; all without any.", completion: .lookUp(.layerKinds))
  var kinds: [String] = []

  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let types = try kinds.map { kind in
      guard let type = LayerRegistry.type(of: kind) else {
        let hint = LayerRegistry.kinds.closest(to: kind) ?? "minicnn layers lists all"
        throw ValidationError("there is no layer \"\(kind)\"; \(hint)")
      }
      return type
    }
    let listed = types.isEmpty ? LayerRegistry.builtIn : types
    if jsonFlag.json {
      return try JSONOutput.print(["layers": listed.map { Row($0) }])
    }
    for line in Self.lines(listed, columns: Terminal.resultColumns ?? 80) { Terminal.result(line) }
  }

  /// The kinds, and below each its settings; those that all have come last.
  private static func lines(_ types: [any LayerSpec.Type], columns: Int) -> [String] {
    types.flatMap { type in
      Format.wrapped("\(type.kind): \(type.help)", to: columns)
        + type.descriptions.flatMap { $0.lines(columns: columns, indent: 4) }
    } + ["", "every layer takes:"]
      + LayerCommon.descriptions.flatMap { $0.lines(columns: columns, indent: 4) }
  }

  private struct Row: Encodable {
    let kind: String
    let keras: String
    let help: String
    let settings: [Setting]

    init(_ type: any LayerSpec.Type) {
      kind = type.kind
      keras = type.kerasClass
      help = type.help
      settings = (type.descriptions + LayerCommon.descriptions).map(Setting.init)
    }
  }

  private struct Setting: Encodable {
    let key: String
    let values: String
    let `default`: String?
    let required: Bool
    let help: String

    init(_ about: SettingDescription) {
      key = about.key
      values = about.values
      `default` = about.isRequired ? nil : about.shortStandard
      required = about.isRequired
      help = about.help
    }
  }
}
