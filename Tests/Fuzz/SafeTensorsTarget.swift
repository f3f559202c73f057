import Interchange
import MiniCNN

/// Weights in safetensors files, for a small model: under our names, and under others.
struct SafeTensorsTarget: FuzzTarget {
  let seeds: [[UInt8]]
  private let model: ModelFile
  private let file = MemoryFile("input.safetensors")

  init() throws {
    model = try ModelFile(
      text: """
        name: small
        input: [3, 3, 1]
        layers: [conv2d: {filters: 2, kernel: 2}, batch_norm, normalization, flatten, dense: {units: 2}]
        """, file: "small")
    let network = try Network(model.spec, seed: 1)
    let exported = try ExportedModel(
      TrainedModel(network: network, classNames: ["a", "b"]), image: Array(0..<9))
    let bytes = try SafeTensorsFormat().files(of: exported, at: "a.safetensors")[0].bytes
    var renamed = bytes
    for (old, new) in [
      ("conv2d", "layer1"), ("dense", "fully"), ("batch_norm", "scale_them"),
      ("normalization", "statistics_of"),
    ] {
      renamed.replace(Array("\"\(old).".utf8), with: Array("\"\(new).".utf8))
    }
    seeds = [bytes, renamed]
  }

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    file.replace(bytes)
    do throws(FileError) {
      let trained = try TrainedModel(safeTensors: file.path, model: model)
      precondition(trained.network.outputShape == [2])
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
