import Files
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing
import Training

@testable import Interchange

@Suite struct SafeTensorsFormatTests {
  /// Every kind of layer in every setting: one that PyTorch has no module for fails here.
  @Test func everyCaseComesBackWithTheSameBits() throws {
    for one in try ExportCases.all() {
      let network = try Network.withNumbers(one.spec)
      let file = try SafeTensorsFile(try bytes(network)[0].bytes, path: "a.safetensors")
      let read = try SafeTensorsWeights(file, for: try Network(one.spec, seed: 2))
      #expect(read.network.weightsSHA256 == network.weightsSHA256, "\(one.name)")
      #expect(read.modules == nil, "\(one.name)")
    }
  }

  @Test func kernelsHaveTheirOutputsFirst() throws {
    let spec = ModelSpec("two", input: [1, 2, 2]) {
      Conv2D(filters: 3, kernel: Extent2D(1, 2), bias: false).named("conv")
      Flatten()
      Dense(units: 1, bias: false).named("last")
    }
    let network = try Network.withNumbers(spec) { Array(0..<$0).map(Float.init) }
    let file = try SafeTensorsFile(try bytes(network)[0].bytes, path: "a.safetensors")
    // Ours is [row, column, in, out]: 0 1 2 are what the three outputs weigh channel 0 of column 0 with.
    #expect(
      try file.floats("conv.weight", shape: [3, 2, 1, 2]) == [
        0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11,
      ])
    #expect(try file.floats("last.weight", shape: [1, 3]) == [0, 1, 2])
  }

  @Test func theFirstDenseLayerReadsAnImageChannelByChannel() throws {
    let spec = ModelSpec("two", input: [1, 2, 2]) {
      Flatten()
      ReLU()
      Dense(units: 1, bias: false).named("last")
    }
    let network = try Network.withNumbers(spec) { Array(0..<$0).map(Float.init) }
    let files = try bytes(network)
    let file = try SafeTensorsFile(files[0].bytes, path: "a.safetensors")
    #expect(try file.floats("last.weight", shape: [1, 4]) == [0, 2, 1, 3])
    #expect(String(decoding: files[1].bytes, as: UTF8.self).contains("x = x.flatten(1)\n"))
  }

  @Test func whatElseReadsAFlattenedImageGetsItPositionByPosition() throws {
    let spec = ModelSpec("two", input: [1, 2, 2]) {
      Flatten()
      GroupNorm(groups: 2)
      Dense(units: 1, bias: false).named("last")
    }
    let network = try Network.withNumbers(spec) { Array(0..<$0).map(Float.init) }
    let files = try bytes(network)
    let file = try SafeTensorsFile(files[0].bytes, path: "a.safetensors")
    #expect(try file.floats("last.weight", shape: [1, 4]) == [0, 1, 2, 3])
    #expect(
      String(decoding: files[1].bytes, as: UTF8.self).contains(
        "x = x.permute(0, 2, 3, 1).reshape(-1, 4)\n"))
  }

  @Test func theProgramReadsAsAPersonWouldWriteIt() throws {
    let spec = ModelSpec("two-way", input: [4, 4, 1]) {
      Conv2D(filters: 2, kernel: 3, stride: 2, padding: .same)
      Residual(layers: [Conv2D(filters: 2, kernel: 3, padding: .same), BatchNorm(), ReLU()])
      GlobalAvgPool2D()
      Dense(units: 3)
    }
    let files = try bytes(try Network(spec, seed: 1))
    #expect(files.map(\.path) == ["out/two.safetensors", "out/two.py"])
    let program = String(decoding: files[1].bytes, as: UTF8.self)
    let expected = """
      class TwoWay(nn.Module):
          \"""Turns [N, 1, 4, 4] into logits [N, 3].\"""

          def __init__(self):
              super().__init__()
              self.conv2d = nn.Conv2d(1, 2, 3, stride=2)
              self.conv2d_1 = nn.Conv2d(2, 2, 3, padding=1)
              self.batch_norm = nn.BatchNorm2d(2, eps=0.001, momentum=0.01)
              self.dense = nn.Linear(2, 3)

          def forward(self, x):
              after_conv2d = self.conv2d(F.pad(x, (0, 1, 0, 1)))
              x = self.conv2d_1(after_conv2d)
              x = self.batch_norm(x)
              x = F.relu(x)
              x = x + after_conv2d
              x = x.mean(dim=(2, 3))
              x = self.dense(x)
              return x


      """
    #expect(program.contains(expected), "\(program)")
    #expect(!program.contains("\t") && program.hasSuffix("sys.exit(verify())\n"))
  }

  @Test func aFileIsContiguousAlignedAndAlwaysTheSame() throws {
    let spec = ModelSpec("odd", input: [3, 3, 1]) {
      Conv2D(filters: 1, kernel: 3)
      BatchNorm()
      Flatten()
      Dense(units: 3)
    }
    let network = try Network.withNumbers(spec)
    let file = try bytes(network)[0].bytes
    #expect(try bytes(network)[0].bytes == file)
    let length = try #require(
      SafeTensorsFile.headerLength(Array(file.prefix(9)), fileSize: file.count))
    #expect(length.isMultiple(of: 8))
    let read = try SafeTensorsFile(file, path: "a")
    for entry in read.entries.values {
      #expect(entry.place.lowerBound.isMultiple(of: entry.element.size))
    }
    #expect(read.metadata["minicnn.weights_sha256"] == network.weightsSHA256)
    #expect(read.metadata["minicnn.outputs"] == "logits")
    #expect(read.metadata["minicnn.input"] == "[N, 1, 3, 3], pixels / 255")
    #expect(read.metadata["minicnn.classes"] == "[\"a\",\"é\",\"c\"]")
    #expect(read.metadata["minicnn.test_image"] == "AAAAAAAAAAAA")
    #expect(read.count("batch_norm.num_batches_tracked") == 0)
  }

  @Test func aLayerOfYourOwnIsRefusedByName() throws {
    let spec = ModelSpec("own", input: [2, 2, 1]) {
      Flatten()
      Doubling().named("twice")
    }
    let error = #expect(throws: ModelError.self) { try bytes(try Network(spec, seed: 1)) }
    #expect(error.map { "\($0)" } == "layer twice: PyTorch has no layer like doubling")
  }

  @Test func namesAreMadeIdentifiersThatNobodyElseHas() {
    #expect(
      TorchNames.attributes(["conv", "train", "1. a", "1_ a", "class", "train_", "_x", "é"])
        == ["conv", "train_2", "layer_1__a", "layer_1__a_2", "class_", "train_", "_x_", "__"])
    #expect(TorchNames.className("digits-fast") == "DigitsFast")
    #expect(TorchNames.className("3\"\"\"") == "Layer3")
  }

  private func bytes(_ network: Network) throws -> [ExportedFile] {
    let model = TrainedModel(network: network, classNames: ["a", "é", "c"])
    let image = [UInt8](repeating: 0, count: network.inputShape.count)
    return try SafeTensorsFormat().files(
      of: try ExportedModel(model, image: image), at: "out/two.safetensors")
  }
}

extension Network {
  /// A network whose variables hold numbers that tell each element from the others.
  static func withNumbers(
    _ spec: ModelSpec, _ numbers: (Int) -> [Float] = { (0..<$0).map { 0.25 + Float($0) / 1024 } }
  ) throws -> Network {
    var network = try Network(spec, seed: 1)
    for (number, entry) in network.layout.entries.enumerated() {
      let values = numbers(entry.range.count)
      network.setValues(
        entry.variable.isCount ? [Float(number + 7)] : values, of: entry)
    }
    return network
  }
}

/// A layer that no other program has.
struct Doubling: ActivationSpec {
  static let kind = "doubling"
  static let help = "2 · x"
  static let prototype = Doubling()
  var common = LayerCommon()

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    for i in 0..<count { y[i] = 2 * x[i] }
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { dx[i] = 2 * dy[i] }
  }
}
