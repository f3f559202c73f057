import MiniCNN

/// What `inspect` says of a model that another framework's file holds; with `--json`, its keys.
struct ForeignInspection: Encodable {
  let model: String
  let format: String
  let parameters: Int
  let layers: Int
  let outputs: String
  let classes: [String]
  let weightsSHA256: String
  private let formatText: String

  private enum CodingKeys: CodingKey {
    case model, format, parameters, layers, outputs, classes, weightsSHA256
  }

  init(_ source: ModelSource) {
    let network = source.model.network
    model = network.spec.name
    format = source.format.rawValue
    formatText = source.format.description
    parameters = network.parameterCount
    layers = network.nodes.count
    outputs = source.model.outputMeaning.rawValue
    classes = source.model.classNames
    weightsSHA256 = network.weightsSHA256
  }

  func print(asJSON: Bool) throws {
    if asJSON { return try JSONOutput.print(self) }
    var facts = FactList()
    facts.add("model", "\(model), \(Format.grouped(parameters)) parameters")
    facts.add("file", formatText)
    facts.add("layers", "\(layers); minicnn summary lists them")
    facts.add("outputs", outputs)
    facts.add("classes", classes.isEmpty ? "not named" : classes.joined(separator: ", "))
    facts.add("weights SHA-256", weightsSHA256)
    facts.print()
  }
}
