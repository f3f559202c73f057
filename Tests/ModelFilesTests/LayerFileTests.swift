import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Layers and blocks as model files state them.
@Suite struct LayerFileTests {
  private static func model(_ layers: String, input: String = "[6, 5, 3]") throws -> ModelSpec {
    try ModelFile(text: "name: m\ninput: \(input)\nlayers: [\(layers)]\n", file: "m.yaml").spec
  }

  /// Why a model with these layers is no network.
  private static func complaint(_ layers: String, input: String = "[6, 5, 3]") throws -> String {
    let spec = try model(layers, input: input)
    return TestSupport.complaint { try Network(spec, seed: 0) }
  }

  private static func shape(_ layers: String, input: String = "[6, 5, 3]") throws -> [Int] {
    try Network(model(layers, input: input), seed: 0).outputShape.array
  }

  @Test(arguments: LayerRegistry.builtIn.map { $0.kind })
  func whatIsWrittenIsReadBack(kind: String) throws {
    for one in try LayerCases.of(kind) {
      let spec = ModelSpec("again", input: one.spec.input, layers: one.spec.layers)
      let written = try #require(ModelFile(spec))
      #expect(try ModelFile(text: written.text, file: "again").spec == spec, "\(one.name)")
    }
  }

  @Test func aBlockOfBranchesIsAListOfLists() throws {
    let text = """
      name: "m"
      input: [8, 8, 4]
      layers:
        - concatenate:
            name: "inception"
            branches:
              - []
              -
                - conv2d: {filters: 2, kernel: 1}
                - relu
              -
                - multiply:
                    layers:
                      - global_avg_pool2d
                      - dense: {units: 4}

      """
    let spec = ModelSpec("m", input: [8, 8, 4]) {
      Concatenate(branches: [
        [], [Conv2D(filters: 2, kernel: 1), ReLU()],
        [
          Multiply {
            GlobalAvgPool2D(); Dense(units: 4)
          }
        ],
      ]).named("inception")
    }
    #expect(try ModelFile(text: text, file: "m.yaml").spec == spec)
    #expect(ModelFile(spec)?.text == text)
    #expect(try Network(spec, seed: 1).nodes.map(\.name).last == "inception")
    #expect(try Network(spec, seed: 1).outputShape == [8, 8, 10])
  }

  @Test func aShortcutIsStatedAndReadBack() throws {
    let text = """
      name: "m"
      input: [4, 4, 2]
      layers:
        - residual:
            layers:
              - relu
            shortcut:
              - tanh
              - batch_norm

      """
    let spec = ModelSpec("m", input: [4, 4, 2]) {
      Residual(layers: [ReLU()], shortcut: [Tanh(), BatchNorm()])
    }
    #expect(try ModelFile(text: text, file: "m.yaml").spec == spec)
    #expect(ModelFile(spec)?.text == text)
  }

  @Test func branchesThatDoNotFitAreNamed() throws {
    #expect(
      try Self.complaint("concatenate: {branches: [[relu]]}")
        == "layer 1 (concatenate): branches: expected at least two, found 1")
    #expect(
      try Self.complaint("concatenate: {branches: [[], [conv2d: {filters: 2, kernel: 3}]]}")
        == "layer 1 (concatenate): branch 1 gives 6×5×3, branch 2 gives 4×3×2, which differ in more"
        + " than the channels; padding: same keeps the extents of an image")
    #expect(
      try Self.complaint("relu, concatenate: {branches: [[], [relu, dense: {units: 2}]]}")
        == "layer 2 (concatenate), branch 2, layer 2 (dense): takes vectors, not 6×5×3; put flatten"
        + " or global_avg_pool2d before it")
    #expect(
      TestSupport.complaint { try Self.model("concatenate: {branches: [relu]}") }
        == "m.yaml: line 3, column 35: expected a branch: a list, found \"relu\"")
  }

  @Test func factorsThatDoNotFitAreNamed() throws {
    #expect(
      try Self.complaint("multiply: {layers: []}")
        == "layer 1 (multiply): layers: expected at least one, found none")
    #expect(
      try Self.complaint("multiply: {layers: [global_avg_pool2d, dense: {units: 4}]}")
        == "layer 1 (multiply): its layers turn 6×5×3 into 4; expected 6×5×3, or a vector of 3; end"
        + " with dense: {units: 3} for a factor each channel")
    #expect(
      try Self.complaint("multiply: {layers: [dense: {units: 4}]}", input: "[3]")
        == "layer 1 (multiply): its layers turn 3 into 4; expected 3")
  }

  @Test func marginsAreOneTwoOrFourNumbers() throws {
    #expect(try Self.shape("zero_padding2d") == [8, 7, 3])
    #expect(try Self.shape("zero_padding2d: {padding: [0, 2]}") == [6, 9, 3])
    #expect(try Self.shape("zero_padding2d: {padding: [1, 2, 3, 4]}") == [9, 12, 3])
    #expect(Margins(vertical: 2, horizontal: 2).text == "2")
    #expect(Margins(vertical: 2, horizontal: 3).text == "[2, 3]")
    #expect(Margins(top: 1, bottom: 2, left: 3, right: 3).text == "[1, 2, 3, 3]")
    #expect(
      TestSupport.complaint { try Self.model("zero_padding2d: {padding: [1, 2, 3]}") }
        == "m.yaml: line 3, column 36: expected padding: a whole number, [vertical, horizontal], or"
        + " [top, bottom, left, right], found a list of 3")
    #expect(
      try Self.complaint("zero_padding2d: {padding: [1, -1]}")
        == "layer 1 (zero_padding2d): padding: expected 0 to 32768, found [1, -1]")
  }

  @Test func aTransposedConvolutionIsAsLargeAsKerasMakesIt() throws {
    func rows(_ settings: String) throws -> [Int] {
      try Self.shape("conv2d_transpose: {filters: 2, \(settings)}")
    }
    #expect(try rows("kernel: 3") == [8, 7, 2])
    #expect(try rows("kernel: 3, stride: 2, padding: same") == [12, 10, 2])
    #expect(try rows("kernel: 2, stride: [3, 1]") == [18, 6, 2])
    #expect(try rows("kernel: 3, stride: 2, dilation: 2") == [15, 13, 2])
    #expect(try rows("kernel: 3, stride: 2, padding: same, output_padding: 0") == [11, 9, 2])
    #expect(try rows("kernel: 3, stride: 2, output_padding: [0, 1]") == [13, 12, 2])
    #expect(
      try Self.complaint("conv2d_transpose: {filters: 2, kernel: 3, output_padding: 1}")
        == "layer 1 (conv2d_transpose): output_padding of rows: expected 0, found 1")
    #expect(
      try Self.complaint(
        "conv2d_transpose: {filters: 2, kernel: 4, stride: [2, 3], padding: same, output_padding: 0}"
      )
        == "layer 1 (conv2d_transpose): output_padding of rows: expected 1, found 0")
    #expect(
      try Self.complaint(
        "conv2d_transpose: {filters: 2, kernel: [3, 4], padding: same, output_padding: 0}")
        == "layer 1 (conv2d_transpose): output_padding of columns: expected none, found 0")
    #expect(
      try Self.complaint(
        "conv2d_transpose: {filters: 2, kernel: 3, stride: 3, output_padding: [0, 4]}")
        == "layer 1 (conv2d_transpose): output_padding of columns: expected 0 to 2, found 4")
  }

  // Products of what a file states must neither overflow nor take memory.
  @Test func sizesThatAreTooLargeAreRefused() throws {
    let largest = 1 << 26
    #expect(
      try Self.complaint("up_sampling2d: {size: 32768}")
        == "layer 1 (up_sampling2d): its output 196608×163840×3 is too large: at most \(largest)"
        + " numbers")
    #expect(
      try Self.complaint("up_sampling2d: {size: [0, 2]}")
        == "layer 1 (up_sampling2d): size: expected 1 to 32768, found 0×2")
    #expect(
      try Self.complaint("conv2d_transpose: {filters: 32768, kernel: 1, stride: 32768}")
        == "layer 1 (conv2d_transpose): its output 196608×163840×32768 is too large: at most"
        + " \(largest) numbers")
    #expect(
      try Self.complaint("conv2d_transpose: {filters: 1, kernel: 1, stride: 9223372036854775807}")
        .hasPrefix("layer 1 (conv2d_transpose): stride: expected 1 to 32768, found 92233720"))
    #expect(
      try Self.complaint("depthwise_conv2d: {kernel: 1, multiplier: 32768}", input: "[1, 1, 32768]")
        == "layer 1 (depthwise_conv2d): its 32768·32768 output channels are too many")
    #expect(
      try Self.complaint(
        "depthwise_conv2d: {kernel: 32768, padding: same}", input: "[1, 1, 1]")
        == "layer 1 (depthwise_conv2d): its kernel 32768×32768×1×1 is too large")
  }
}
