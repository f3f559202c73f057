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

      JSON: name, inputShape, parameters, multiplyAdds, layers (name, kind, outputShape,
      parameters, multiplyAdds).
      """)

  @Argument(help: "A model file or a checkpoint.") var file: String
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let output = SummaryOutput(try network())
    if json { return try JSONOutput.print(output) }
    Terminal.result("\(output.name): input \(Shape(output.inputShape))")
    let name = max(5, output.layers.map(\.name.count).max() ?? 0)
    let kind = max(4, output.layers.map(\.kind.count).max() ?? 0)
    func line(_ a: String, _ b: String, _ c: String, _ d: String, _ e: String) {
      Terminal.result(
        "\(Format.left(a, name))  \(Format.left(b, kind))  \(Format.left(c, 11))"
          + " \(Format.right(d, 11))  \(Format.right(e, 13))")
    }
    line("layer", "kind", "output", "parameters", "multiply-adds")
    for layer in output.layers {
      line(
        layer.name, layer.kind, "\(Shape(layer.outputShape))", Format.grouped(layer.parameters),
        Format.grouped(layer.multiplyAdds))
    }
    line(
      "total", "", "", Format.grouped(output.parameters), Format.grouped(output.multiplyAdds))
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
    let multiplyAdds: Int
  }

  let name: String
  let inputShape: [Int]
  let parameters: Int
  let multiplyAdds: Int
  let layers: [Layer]

  init(_ network: Network) {
    name = network.spec.name
    inputShape = network.inputShape.array
    parameters = network.parameterCount
    multiplyAdds = network.multiplyAdds
    layers = network.nodes.map { node in
      let trained = (node.layer?.variables ?? []).filter { $0.role != .statistic }
      return Layer(
        name: node.name, kind: node.kind, outputShape: node.outputShape.array,
        parameters: trained.reduce(0) { $0 + $1.shape.count },
        multiplyAdds: node.layer?.multiplyAdds ?? 0)
    }
  }
}
