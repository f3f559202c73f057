import Foundation
import ModelFiles
import NeuralNetwork

/// The layers that the golden fixtures state, by kind: one list that the golden, gradient, same-bits, cut
/// and fuzz tests run over, so that a layer without a golden case fails a test.
public enum LayerCases {
  /// One fixture's layers.
  public struct Case: Sendable {
    /// The kind of layer that it is about.
    public let kind: String
    /// What is special about it.
    public let name: String
    /// The layers with the shape of their input, read as a model file is.
    public let spec: ModelSpec
    /// Whether the passes are those of training.
    public let trains: Bool
    /// The number of its samples.
    public let batch: Int

    /// The same layers with one before them that needs the gradient of their input, and a classifier after
    /// them.
    public func classifier(classes: Int) -> ModelSpec {
      let input = spec.input
      let channels = input.array.last ?? 1
      let front: any LayerSpec =
        input.rank == 3 ? Conv2D(filters: channels, kernel: 1) : Dense(units: channels)
      return ModelSpec(
        kind, input: input, layers: [front] + spec.layers + [Flatten(), Dense(units: classes)])
    }
  }

  /// The fixture of a kind.
  public static func path(_ kind: String) -> String {
    Repository.path("Tests/NeuralNetworkTests/Fixtures/layers/\(kind).json")
  }

  /// Every case of a kind.
  public static func of(_ kind: String) throws -> [Case] {
    try models(path(kind)).map {
      Case(kind: kind, name: $0.name, spec: $0.spec, trains: $0.trains, batch: $0.batch)
    }
  }

  /// The first case of every kind, in the registry's order.
  public static func firstOfEach() throws -> [Case] {
    try LayerRegistry.builtIn.compactMap { try of($0.kind).first }
  }

  /// The models that the cases of a fixture state with `input` and `layers`: JSON is YAML too, so they go the
  /// way of a model file.
  public static func models(
    _ path: String
  ) throws -> [(name: String, spec: ModelSpec, trains: Bool, batch: Int)] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let root = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let cases = root?["cases"] as? [[String: Any]] ?? []
    return try cases.map { one in
      let model: [String: Any] = [
        "name": "golden", "input": one["input"] ?? [], "layers": one["layers"] ?? [],
      ]
      let text = String(decoding: try JSONSerialization.data(withJSONObject: model), as: UTF8.self)
      return (
        one["name"] as? String ?? "", try ModelFile(text: text, file: path).spec,
        one["training"] as? Bool ?? false, one["batch"] as? Int ?? 1
      )
    }
  }
}
