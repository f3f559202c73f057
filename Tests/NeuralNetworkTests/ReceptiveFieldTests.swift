import NeuralNetwork
import TestSupport
import Testing

/// Receptive fields by their formula, and by what a change of a pixel reaches.
@Suite struct ReceptiveFieldTests {
  private static func fields(
    _ input: Shape, @LayerBuilder _ layers: () -> [any LayerSpec]
  ) throws -> [String] {
    try Network(ModelSpec("seen", input: input, layers: layers), seed: 1).receptiveFields.map {
      $0.map { "\($0.size) \($0.verticalJump) \($0.horizontalJump)" } ?? "all"
    }
  }

  @Test func windowsAddUp() throws {
    let fields = try Self.fields([32, 32, 1]) {
      Conv2D(filters: 2, kernel: 3)
      ReLU()
      MaxPool2D(window: 2)
      Conv2D(filters: 2, kernel: 3, stride: 2, padding: .same, dilation: 1)
      DepthwiseConv2D(kernel: Extent2D(1, 3))
      AvgPool2D(window: 2, stride: 1)
      Flatten()
      Dense(units: 3)
      ReLU()
    }
    #expect(
      fields == [
        "3×3 1.0 1.0", "3×3 1.0 1.0", "4×4 2.0 2.0", "8×8 4.0 4.0", "8×16 4.0 4.0",
        "12×20 4.0 4.0", "12×20 4.0 4.0", "all", "all",
      ])
  }

  @Test func dilatedWindowsAreWider() throws {
    #expect(
      try Self.fields([16, 16, 1]) { Conv2D(filters: 1, kernel: 3, dilation: 2) }
        == ["5×5 1.0 1.0"])
  }

  @Test func magnifyingHalvesTheJump() throws {
    let fields = try Self.fields([8, 8, 1]) {
      UpSampling2D()
      Conv2D(filters: 1, kernel: 3, padding: .same)
      UpSampling2D(interpolation: .bilinear)
      Conv2DTranspose(filters: 1, kernel: 3, stride: 2)
    }
    #expect(
      fields == ["1×1 0.5 0.5", "2×2 0.5 0.5", "3×3 0.25 0.25", "3×3 0.125 0.125"])
  }

  @Test func theLargestOfABlockCounts() throws {
    let fields = try Self.fields([16, 16, 2]) {
      Residual { Conv2D(filters: 2, kernel: 3, padding: .same) }
      Concatenate(branches: [
        [Conv2D(filters: 1, kernel: Extent2D(5, 1), padding: .same)],
        [Conv2D(filters: 1, kernel: 3, padding: .same)], [],
      ])
      Multiply {
        GlobalAvgPool2D(); Dense(units: 4); Sigmoid()
      }
    }
    #expect(
      fields == [
        "3×3 1.0 1.0", "3×3 1.0 1.0", "7×3 1.0 1.0", "5×5 1.0 1.0", "7×5 1.0 1.0", "all", "all",
        "all", "all",
      ])
  }

  /// The gradient of one output, in the middle, reaches exactly the pixels of its field.
  @Test func itIsWhatTheGradientReaches() throws {
    let spec = ModelSpec("reached", input: [24, 24, 1]) {
      Conv2D(filters: 2, kernel: 3)
      AvgPool2D(window: 3, stride: 2)
      Conv2D(filters: 2, kernel: 2)
      Conv2DTranspose(filters: 1, kernel: 4, stride: 2)
    }
    let network = try Network(spec, seed: 3)
    var probe = Probe(network, batch: 1)
    let y = probe.forward(Tensor(samples: 1, shape: [24, 24, 1]))
    var rows = Set<Int>()
    for place in 0..<4 {
      var dy = Tensor(samples: 1, shape: y.shape)
      dy[(8 + place) * y.shape[1] + 8 + place] = 1
      let reached = probe.backward(dy).input
      rows.insert((0..<24).count { row in (0..<24).contains { reached[row * 24 + $0] != 0 } })
    }
    let field = try #require(network.receptiveFields.last ?? nil)
    #expect(rows.max() == field.size.height)
    #expect(field.verticalJump == 1 && field.size == Extent2D(9, 9))
  }

  /// What one position of an output depends on is never more than its field, for the golden cases of every
  /// kind but those that compute something of all positions together.
  @Test(arguments: LayerRegistry.builtIn.map { $0.kind })
  func noGradientLeavesTheField(kind: String) throws {
    let normalizations = ["group_norm", "layer_norm"]
    for one in try LayerCases.of(kind) where !normalizations.contains(kind) {
      let network = try Network(one.spec, seed: 2)
      guard let field = network.receptiveFields.last ?? nil, one.spec.input.rank == 3,
        network.outputShape.rank == 3
      else { continue }
      let (height, width) = (one.spec.input[0], one.spec.input[1])
      var random = CounterRandom(seed: 5, .test)
      var probe = Probe(network, batch: 1)
      let y = probe.forward(
        Tensor(
          samples: 1, shape: one.spec.input,
          values: (0..<one.spec.input.count).map { _ in random.uniform(-1, 1) }))
      for place in 0..<y.shape[0] * y.shape[1] {
        var dy = Tensor(samples: 1, shape: y.shape)
        for channel in 0..<y.shape[2] { dy[place * y.shape[2] + channel] = random.uniform(1, 2) }
        let dx = probe.backward(dy).input.values
        let reached = (0..<height * width).filter { pixel in
          // Winograd's algorithm leaves rounding beside its windows.
          (0..<one.spec.input[2]).contains { abs(dx[pixel * one.spec.input[2] + $0]) > 1e-5 }
        }
        let (rows, columns) = (reached.map { $0 / width }, reached.map { $0 % width })
        guard let top = rows.min(), let bottom = rows.max(), let left = columns.min(),
          let right = columns.max()
        else { continue }
        #expect(bottom - top < field.size.height, "\(one.name)")
        #expect(right - left < field.size.width, "\(one.name)")
      }
    }
  }
}
