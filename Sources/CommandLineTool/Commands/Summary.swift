import ArgumentParser
import MiniCNN

/// What a model is made of.
struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists a model's layers with shapes, parameters and multiply-adds.",
    discussion: """
      EXAMPLES
        minicnn summary Models/lenet5.yaml
        minicnn summary lenet5.weights.h5 --json

      JSON: name, inputShape, parameters, trainedParameters, multiplyAdds, layers (name, kind, \
      outputShape, parameters, trainable, multiplyAdds).
      """)

  @Argument(
    help: "A model file or a checkpoint.", completion: .file(extensions: ["yaml", "yml", "h5"]))
  var file: String
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let output = SummaryOutput(try network())
    if jsonFlag.json { return try JSONOutput.print(output) }
    Terminal.result("\(output.name): input \(Shape(output.inputShape))")
    var table = Table([
      .text("layer"), .text("kind", mayBeMissed: true), .text("output"), .number("parameters"),
      .number("multiply-adds", mayBeMissed: true),
    ])
    for layer in output.layers {
      table.add([
        layer.name, layer.trainable ? layer.kind : "\(layer.kind), frozen",
        "\(Shape(layer.outputShape))", Format.grouped(layer.parameters),
        Format.grouped(layer.multiplyAdds),
      ])
    }
    table.add([
      "total", "", "", Format.grouped(output.parameters), Format.grouped(output.multiplyAdds),
    ])
    table.print()
  }

  private func network() throws -> Network {
    if try Checkpoint.isLikely(file) { return try Checkpoint(contentsOf: file).network }
    let model = try ModelFile(contentsOf: file)
    do {
      return try Network(model.spec, seed: 0)
    } catch {
      throw Failure(.data, "\(file): \(error)")
    }
  }
}

/// What `--json` prints.
private struct SummaryOutput: Encodable {
  struct Layer: Encodable {
    let name: String
    let kind: String
    let outputShape: [Int]
    let parameters: Int
    let trainable: Bool
    let multiplyAdds: Int
  }

  let name: String
  let inputShape: [Int]
  let parameters: Int
  let trainedParameters: Int
  let multiplyAdds: Int
  let layers: [Layer]

  init(_ network: Network) {
    name = network.spec.name
    inputShape = network.inputShape.array
    parameters = network.parameterCount
    trainedParameters = network.trainedParameterCount
    multiplyAdds = network.multiplyAdds
    layers = network.nodes.map { node in
      let trained = (node.layer?.variables ?? []).filter { $0.role != .statistic }
      return Layer(
        name: node.name, kind: node.kind, outputShape: node.outputShape.array,
        parameters: trained.reduce(0) { $0 + $1.shape.count }, trainable: node.isTrained,
        multiplyAdds: node.layer?.multiplyAdds ?? 0)
    }
  }
}
