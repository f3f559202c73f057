import MiniCNN
import TestSupport

/// Models in ONNX's format: the messages, the nodes, and the network that they are read as.
struct ONNXTarget: FuzzTarget {
  let seeds: [[UInt8]]

  /// Takes the exports of small networks with every kind of layer, and a file with all that goes beside a graph.
  init() throws {
    let cases = try LayerCases.firstOfEach().map { (spec: $0.spec, classes: [String]()) }
    let whole = ModelSpec("whole", input: [4, 4, 1]) {
      Conv2D(filters: 2, kernel: 3); ReLU(); Flatten(); Dense(units: 3)
    }
    seeds = try (cases + [(whole, ["a", "b", "c"])]).map { spec, classes in
      let model = TrainedModel(network: try Network(spec, seed: 1), classNames: classes)
      let image = [UInt8](repeating: 9, count: spec.input.count)
      return try ONNXFormat().files(of: ExportedModel(model, image: image), at: "m.onnx")[0].bytes
    }
  }

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do throws(FileError) {
      _ = try TrainedModel(onnx: Array(bytes), path: "m.onnx")
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
