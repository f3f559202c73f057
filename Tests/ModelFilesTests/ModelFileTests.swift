import Files
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite struct ModelFileTests {
  private static func complaint(_ text: String) -> String {
    TestSupport.complaint { try ModelFile(text: text, file: "m.yaml") }
  }

  /// A model with one line of layers.
  private static func layer(_ text: String) -> String {
    complaint("name: m\ninput: [8, 8, 1]\nlayers:\n  - \(text)\n")
  }

  @Test func aShiftOfHalfAPixelNeedsCompany() throws {
    func text(_ augmentation: String) -> String {
      "name: m\ninput: [8, 8, 1]\nlayers: [flatten]\ntraining:\n  augmentation: \(augmentation)\n"
    }
    #expect(
      Self.complaint(text("{erase: 0.1, shift: 0.5}"))
        == "m.yaml: line 5, column 37: expected shift: whole pixels, as nothing else moves pixels,"
        + " found \"0.5\"")
    #expect(
      Self.complaint(text("{shift: 1, rotation: 181}"))
        == "m.yaml: line 5, column 38: expected rotation: 0 to 180, found \"181\"")
    let file = try ModelFile(text: text("{shift: 0.5, rotation: 1}"), file: "m.yaml")
    #expect(file.training["augmentation"] == "shift=0.5,rotation=1.0")
  }

  @Test func theBuilderAndTheFileStateTheSame() throws {
    let file = try ModelFile(
      text: """
        name: both
        input: [28, 28, 1]
        layers:
          - conv2d: {filters: 6, kernel: [5, 3], padding: 2, stride: [2, 1], name: first}
          - batch_norm
          - relu
          - max_pool2d: {window: 3, stride: 2}
          - residual:
              layers:
                - conv2d: {filters: 6, kernel: 3, padding: same, initializer: he_normal}
                - leaky_relu: {slope: 0.1}
          - dropout: {rate: 0.25}
          - flatten
          - dense: {units: 10}
        training: {optimizer: sgd, momentum: 0.9, learning_rate: 1e-2, schedule: cosine}
        """, file: "both.yaml")
    let built = ModelSpec("both", input: [28, 28, 1]) {
      Conv2D(filters: 6, kernel: Extent2D(5, 3), stride: Extent2D(2, 1), padding: .all(2))
        .named("first")
      BatchNorm()
      ReLU()
      MaxPool2D(window: 3, stride: 2)
      Residual {
        Conv2D(filters: 6, kernel: 3, padding: .same, initializer: .heNormal)
        LeakyReLU(slope: 0.1)
      }
      Dropout(rate: 0.25)
      Flatten()
      Dense(units: 10)
    }
    #expect(file.spec == built)
    #expect(file.training["optimizer"] == "sgd" && file.training["momentum"] == "0.9")
    #expect(file.training["schedule"] == "cosine:final=0.0")
    let written = try #require(ModelFile(built, training: file.training))
    let again = try ModelFile(text: written.text, file: "again")
    #expect(again.spec == built && again.training == file.training)
  }

  @Test func whatIsFrozenIsStatedAndReadAgain() throws {
    let file = try ModelFile(
      text: """
        name: frozen
        input: [8, 8, 1]
        layers:
          - conv2d: {filters: 2, kernel: 3, padding: same, trainable: false}
          - residual:
              name: block
              trainable: false
              layers:
                - conv2d: {filters: 2, kernel: 3, padding: same}
                - batch_norm: {trainable: true}
          - flatten
          - dense: {units: 10}
        """, file: "frozen.yaml")
    #expect(file.spec.layers.map(\.common.trainable) == [false, false, true, true])
    // A block's word counts for what is inside.
    let network = try Network(file.spec, seed: 1)
    #expect(network.nodes.filter(\.isTrained).map(\.name) == ["flatten", "dense"])
    let written = try #require(ModelFile(file.spec))
    let again = try ModelFile(text: written.text, file: "again")
    #expect(again.spec == file.spec)
    #expect(written.text.ranges(of: "trainable: false").count == 2, "\(written.text)")
    #expect(
      Self.layer("dense: {units: 3, trainable: 0}")
        == "m.yaml: line 4, column 34: expected trainable: true or false, found \"0\"")
  }

  @Test func unknownKeysAreNamedWithTheirPlace() {
    #expect(
      Self.layer("conv2d: {filter: 6, kernel: 3}")
        == "m.yaml: line 4, column 14: expected a key of conv2d (filters, kernel, stride, padding, dilation, groups, bias, initializer, name, trainable), found \"filter\"; did you mean \"filters\"?"
    )
    #expect(
      Self.complaint("name: m\ninput: [8, 8, 1]\nlayer: []\n")
        == "m.yaml: line 3, column 1: expected a key of a model (name, input, layers, training), found \"layer\"; did you mean \"layers\"?"
    )
    #expect(
      Self.layer("maxpool2d").hasSuffix("found \"maxpool2d\"; did you mean \"max_pool2d\"?"))
    #expect(Self.layer("maxpool2d").hasPrefix("m.yaml: line 4, column 5: expected a kind of layer"))
    #expect(
      Self.layer("spectral_gate").hasSuffix(
        "found \"spectral_gate\"; LayerRegistry.register makes one of your own known"))
  }

  @Test func wrongTypesAreNamedWithTheirPlace() {
    #expect(
      Self.layer("dense: {units: ten}")
        == "m.yaml: line 4, column 20: expected units: a whole number, 1 to 67108864, found \"ten\""
    )
    #expect(
      Self.layer("conv2d: {filters: 6}")
        == "m.yaml: line 4, column 13: expected the key \"kernel\" of conv2d, found none")
    #expect(
      Self.layer("conv2d: {filters: 6, kernel: [3, 3, 3]}")
        == "m.yaml: line 4, column 34: expected kernel: a number, or [height, width], found a list of 3"
    )
    #expect(
      Self.layer("conv2d: {filters: 6, kernel: 3, padding: full}")
        == "m.yaml: line 4, column 46: expected padding: valid, same, a number, or [top, bottom, left, right], found \"full\""
    )
    #expect(
      Self.layer("dense: {units: 3, bias: maybe}")
        == "m.yaml: line 4, column 29: expected bias: true or false, found \"maybe\"")
    #expect(
      Self.complaint("name: m\ninput: 28\nlayers: [relu]\n")
        == "m.yaml: line 2, column 8: expected input: a list of 1 to 3 whole numbers, found \"28\"")
    #expect(
      Self.complaint("name: m\ninput: [0, 8, 1]\nlayers: [relu]\n")
        == "m.yaml: line 2, column 8: expected input: extents of at least 1, found [0, 8, 1]")
  }

  @Test func brokenYAMLIsNamedWithItsPlace() {
    #expect(Self.complaint("") == "m.yaml: expected a model, found an empty file")
    #expect(
      Self.complaint("name: m\nname: n\n").contains("the key \"name\" appears twice"))
    #expect(Self.complaint("name: [m\n").hasPrefix("m.yaml: line "))
    #expect(Self.complaint(String(repeating: "[", count: 100_000)) != "no error")
  }

  @Test func aliasesCannotBlowAModelUp() {
    var text = "name: m\ninput: [8, 8, 1]\nlayers:\n"
    text += "  - residual: {layers: &a0 [relu, relu, relu, relu, relu, relu, relu, relu]}\n"
    for i in 1..<12 {
      let block = "{residual: {layers: *a\(i - 1)}}"
      let list = Array(repeating: block, count: 8).joined(separator: ", ")
      text += "  - residual: {layers: &a\(i) [\(list)]}\n"
    }
    #expect(Self.complaint(text).contains("expected at most 1000 layers, found more"))
  }

  @Test func layersThatDoNotFitAreNamed() throws {
    func complaint(_ layers: String) throws -> String {
      let file = try ModelFile(
        text: "name: m\ninput: [8, 8, 1]\nlayers: [\(layers)]\n", file: "m.yaml")
      return TestSupport.complaint { try Network(file.spec, seed: 0) }
    }
    #expect(
      try complaint("relu, max_pool2d: {window: 9}")
        == "layer 2 (max_pool2d): window 9×9 does not fit its input 8×8×1; a smaller window, padding: same, or fewer pooling layers before it"
    )
    #expect(
      try complaint("dense: {units: 3}")
        == "layer 1 (dense): takes vectors, not 8×8×1; put flatten or global_avg_pool2d before it")
    #expect(
      Self.layer("conv2d: {filters: 0, kernel: 3}")
        == "m.yaml: line 4, column 23: expected filters: 1 to 32768, found \"0\"")
    #expect(
      TestSupport.complaint {
        try Network(
          ModelSpec("m", input: [8, 8, 1], layers: [Conv2D(filters: 0, kernel: 3)]), seed: 0)
      } == "layer 1 (conv2d): filters: expected 1 to 32768, found 0")
    #expect(
      try complaint("conv2d: {filters: 4, kernel: 3, groups: 2}")
        == "layer 1 (conv2d): 2 groups do not divide both the input channels (1) and the filters (4)"
    )
    #expect(
      try complaint("group_norm: {groups: 2}")
        == "layer 1 (group_norm): groups: expected a number that divides the 1 channels of its input, found 2"
    )
    #expect(
      try complaint("reshape: {shape: [4, -1, 3]}")
        == "layer 1 (reshape): shape: [4, -1, 3] does not hold the 64 numbers of 8×8×1")
    #expect(
      Self.layer("reshape: {shape: [-1, -1]}")
        == "m.yaml: line 4, column 22: expected shape: [1 to 3 whole numbers from 1], one of which may be -1, found a list of 2"
    )
    #expect(
      Self.layer("rescaling: {scale: nan}")
        == "m.yaml: line 4, column 24: expected scale: a number, found \"nan\"")
    #expect(
      try complaint("residual: {projection: identity, layers: [conv2d: {filters: 2, kernel: 3}]}")
        == "layer 1 (residual): its layers turn 8×8×1 into 6×6×2, which cannot be added to the input; projection: auto puts a 1×1 convolution into the shortcut"
    )
    #expect(
      try complaint(
        "residual: {projection: conv, layers: [relu], shortcut: [relu]}")
        == "layer 1 (residual): has a shortcut of its own and projection: conv")
    #expect(
      try complaint(
        "residual: {layers: [relu], shortcut: [conv2d: {filters: 2, kernel: 1}]}")
        == "layer 1 (residual): its layers give 8×8×1, its shortcut gives 8×8×2")
    #expect(
      try complaint("residual: {layers: [flatten, dense: {units: 60000000}]}")
        == "layer 1 (residual), layer 2 (dense): units: expected 1 to 1048576, found 60000000")
  }

  @Test(arguments: [
    "lenet5", "mnist-cnn", "mlp", "resnet-mini", "digits-fast", "digits-tiny",
    "digits-best", "fashion",
  ])
  func theModelsOfThisRepositoryBuild(name: String) throws {
    let file = try ModelFile(contentsOf: Repository.path("Models/\(name).yaml"))
    #expect(file.spec.name == name)
    let network = try Network(file.spec, seed: 1)
    #expect(network.outputShape == [10])
    let parameters = ["lenet5": 61_706, "mnist-cnn": 1_199_882, "mlp": 203_530]
    if let expected = parameters[name] { #expect(network.parameterCount == expected) }
    _ = try file.training.resolve(defaultSeed: 1)
  }
}
