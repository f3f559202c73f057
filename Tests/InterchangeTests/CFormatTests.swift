import Checkpoints
import Files
import ImageData
import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// What the C file of a model computes, compiled here.
@Suite struct CFormatTests {
  /// Sums of a few hundred products of numbers about 1, in another order.
  static let tolerance: Float = 2e-5

  // All cases are one program, as a compiler takes longer to start than to compile one of them. A kind without
  // a case, or with a case that has no C, fails here.
  @Test func everyKindOfLayerComputesInCWhatItComputesHere() throws {
    var models: [ExportedModel] = []
    for type in LayerRegistry.builtIn {
      let cases = try LayerCases.of(type.kind)
      #expect(!cases.isEmpty, "\(type.kind) has no case")
      for one in cases {
        // Numbers below 0 too.
        let front = Rescaling(scale: 4, offset: -2)
        let spec = ModelSpec(
          "case \(models.count) \(type.kind)", input: one.spec.input,
          layers: [front] + one.spec.layers)
        models.append(try CSupport.exported(CSupport.network(spec, seed: UInt64(models.count))))
      }
    }
    #expect(models.count > 60)
    try Self.compare(models)
  }

  // What follows a flatten or a reshape sees other channels than what is before it computed.
  @Test func aLayerTakesARenamedValueInItsNewShape() throws {
    let front: [any LayerSpec] = [
      Rescaling(scale: 4, offset: -2), Conv2D(filters: 4, kernel: 3, padding: .same),
    ]
    let rest: [[any LayerSpec]] = [
      [Flatten(), BatchNorm()],
      [Reshape([3, 6, 8]), BatchNorm()],
      [Reshape([12, 3, 4]), MaxPool2D(window: 2)],
      [ReLU(), Reshape([3, 6, 8]), MaxPool2D(window: Extent2D(3, 2))],
      [Reshape([3, 6, 8]), ReLU(), MaxPool2D(window: 2, stride: 1)],
      [Concatenate(branches: [[Flatten()], [Tanh(), Flatten()]])],
      [Multiply(layers: [Reshape([3, 6, 8]), ReLU(), Reshape([6, 6, 4])])],
      [Reshape([3, 6, 8]), UpSampling2D()],
      [Reshape([3, 6, 8]), ZeroPadding2D(padding: 2)],
      [Reshape([3, 6, 8]), Softmax()],
      [Reshape([3, 6, 8]), GroupNorm(groups: 4)],
      [Reshape([3, 6, 8]), LayerNorm()],
      [Reshape([3, 6, 8]), PReLU(shared: true, initial: 0.2)],
      [Reshape([3, 6, 8]), GlobalAvgPool2D()],
    ]
    try Self.compare(
      rest.enumerated().map { number, layers in
        let spec = ModelSpec("renamed \(number)", input: [6, 6, 2], layers: front + layers)
        return try CSupport.exported(CSupport.network(spec))
      })
  }

  // Blocks within blocks, and functions before maxima, in any order.
  @Test func anyNetworkComputesInCWhatItComputesHere() throws {
    var random = SplitMix64(state: 11)
    var models: [ExportedModel] = []
    while models.count < 60 {
      let count = Int.random(in: 2...8, using: &random)
      let layers: [any LayerSpec] = (0..<count).map { _ in CSupport.layer(depth: 2, &random) }
      let spec = ModelSpec(
        "net \(models.count)", input: [6, 6, 4], layers: [Rescaling(scale: 4, offset: -2)] + layers)
      guard let network = try? CSupport.network(spec, seed: UInt64(models.count)),
        let model = try? CSupport.exported(network)
      else { continue }
      models.append(model)
    }
    let texts = try models.map(CSupport.text).joined()
    for part in ["conv2d_max_pool2d(", "scale_shift(", "copy_columns(", "multiply(", "add("] {
      #expect(texts.contains(part), "no network has \(part)")
    }
    try Self.compare(models)
  }

  /// Runs models in one program, each for its proof's image.
  private static func compare(_ models: [ExportedModel]) throws {
    let compiler = try #require(CCompiler())
    let names = models.map { CIdentifier($0.name) }
    let calls = zip(names, models).map { name, model in
      """
        fread(image, \(name.capitals)_PIXELS, 1, stdin);
        \(name.text)_predict(image, scores);
        fwrite(scores, sizeof(float), \(name.capitals)_SCORES, stdout);
      """
    }
    let main = """
      #include <stdio.h>
      int main(void) {
        static uint8_t image[65536];
        static float scores[65536];
      \(calls.joined(separator: "\n"))
        return 0;
      }
      """
    let text = try (models.map(CSupport.text) + [main]).joined(separator: "\n")
    let expected = models.flatMap(\.proof.scores)
    let bytes = try compiler.output(
      of: [("cases.c", Array(text.utf8))], input: models.flatMap(\.proof.image), for: "cases.c",
      limit: 4 * expected.count, level: "-O0")
    var position = 0
    for model in models {
      let found = bytes.withUnsafeBytes { bytes in
        model.proof.scores.indices.map {
          bytes.loadUnaligned(fromByteOffset: 4 * (position + $0), as: Float.self)
        }
      }
      position += found.count
      let distance = CSupport.distance(found, model.proof.scores)
      #expect(distance < tolerance, "\(model.name)")
    }
  }

  @Test(arguments: ["lenet5", "digits-fast"])
  func aTrainedModelGivesTheSameScoresInC(name: String) throws {
    let checkpoint = try Checkpoint(
      contentsOf: Repository.path("Models/\(name).weights.h5"))
    let trained = TrainedModel(checkpoint)
    let images = try DataFolder(Repository.path("Datasets/mnist")).load(.test)
    let numbers = (0..<100).map { Int32($0) }
    let model = try ExportedModel(trained, image: images.withImage(0) { Array($0) })
    let format = CFormat()
    let files = try format.files(of: model, at: "\(name).c")
    guard case .scores(let found) = try format.scores(files, of: model, images, numbers) else {
      Issue.record("no C compiler")
      return
    }
    let expected = try Predictor(trained.network, pool: ThreadPool(threads: 2))
      .outputs(images, numbers).values
    #expect(CSupport.distance(found.flatMap { $0 }, expected) < Self.tolerance)
  }
}
