import Foundation
import MiniCNN
import TestSupport

/// Model files: their layers, their training settings, and the network they describe.
struct YAMLTarget: FuzzTarget {
  let seeds: [[UInt8]]

  /// Takes the model files of the repository at `root`, one for every kind of layer, one that repeats
  /// itself, and one with every setting of a recipe.
  init(root: String) throws {
    let folder = "\(root)/Models"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    seeds =
      try names.filter { $0.hasSuffix(".yaml") }.map {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
      }
      + LayerCases.firstOfEach().compactMap { ModelFile($0.classifier(classes: 4))?.text }
      .map { Array($0.utf8) } + [Self.everything, Self.recipe].map { Array($0.utf8) }
  }

  private static let everything = """
    name: all
    input: [8, 8, 1]
    layers:
      - conv2d: {filters: 2, kernel: [3, 3], stride: 1, padding: same, bias: false}
      - &r {residual: {layers: [leaky_relu: {slope: 0.1}, elu, gelu], projection: identity}}
      - *r
      - avg_pool2d: {window: 2, stride: 2}
      - global_max_pool2d
      - dropout: {rate: 0.5}
      - dense: {units: 4}
      - softmax
    training: {optimizer: sgd, momentum: 0.9, nesterov: true, schedule: "step:every=2,factor=0.5",
      loss: mse, clip_norm: 1, patience: 2, validation_fraction: 0.1, seed: 18446744073709551615}

    """

  private static let recipe = """
    name: recipe
    input: [8, 8, 1]
    layers: [flatten, dense: {units: 4}]
    training:
      optimizer: rmsprop
      l1: 1e-4
      mixup: 0.2
      weight_average: 0.99
      augmentation: {shift: 2, rotation: 10, scale: 0.1, shear: 5, elastic: 0.8,
        elastic_spacing: 4, erase: 0.3, erase_area: 0.1, flip: both}
      schedule: cosine_restarts:period=0.5,growth=2,final=0.1

    """

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    do throws(FileError) {
      let file = try ModelFile(text: text, file: "model.yaml")
      do throws(SettingError) {
        _ = try file.training.resolve(defaultSeed: 1)
      } catch {
        check(error.description)
      }
      build(file.spec, text)
      return true
    } catch {
      check(error.description)
      return false
    }
  }

  /// Builds the network, and makes a step of training that is not long, where its numbers are so small
  /// that it is quick, or so large that they meet the bounds: a large network that a file asks for is
  /// no fault of a reader.
  private func build(_ spec: ModelSpec, _ text: String) {
    let numbers = text.split { !$0.isASCII || !$0.isNumber }.map { Int($0) ?? .max }
    guard numbers.allSatisfy({ $0 <= 16 || $0 >= 1 << 15 }) else { return }
    do throws(ModelError) {
      makeStep(try Network(spec, seed: 1, limit: 1 << 22))
    } catch {
      check(error.description)
    }
  }

  /// What the layers would compute with is bounded one by one, and not in all.
  private func makeStep(_ network: Network) {
    let shape = network.inputShape
    let numbers = network.nodes.reduce(shape.count) { $0 + $1.outputShape.count }
    guard shape.rank == 3, numbers <= 1 << 22, network.multiplyAdds <= 1 << 22 else { return }
    var settings = TrainingSettings()
    settings.batchSize = 1
    do throws(FileError) {
      let data = try ImageSet(
        pixels: [UInt8](repeating: 200, count: shape.count), labels: [0], height: shape[0],
        width: shape[1], channels: shape[2])
      Fuzz.makeStep(TrainingState(network: network, settings: settings), settings, data)
    } catch {
      check(error.description)
    }
  }
}
