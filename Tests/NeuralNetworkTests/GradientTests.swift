import NeuralNetwork
import TestSupport
import Testing

/// Every layer against differences of its own forward pass.
@Suite struct GradientTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let input: Shape
    let layers: [any LayerSpec]
    var mode = Mode.inference

    init(_ name: String, _ input: Shape, _ layers: any LayerSpec..., training: Bool = false) {
      testDescription = name
      self.input = input
      self.layers = layers
      if training { mode = .training(Mode.Draw(seed: 3, epoch: 1, samples: [0, 1])) }
    }
  }

  static let cases = [
    Case("conv 17 filters", [3, 3, 2], Conv2D(filters: 17, kernel: 2)),
    Case("max pool overlapping", [5, 5, 2], MaxPool2D(window: 3, stride: 1)),
    Case("dense without bias, 17 units", [4], Dense(units: 17, bias: false)),
    Case("dropout in training", [3, 3, 2], Dropout(rate: 0.4), training: true),
    Case(
      "dropout of channels in training", [3, 2, 5], SpatialDropout2D(rate: 0.4), training: true),
    Case("noise in training", [3, 3, 2], GaussianNoise(stddev: 0.3), training: true),
    Case(
      "group norm after a convolution", [3, 3, 2], Conv2D(filters: 6, kernel: 2),
      GroupNorm(groups: 2)),
    Case("layer norm over 17 channels", [2, 2, 3], Conv2D(filters: 17, kernel: 1), LayerNorm()),
    Case("shared slopes of vectors", [7], PReLU(shared: true)),
    Case("batch norm in training", [2, 3, 2], BatchNorm(), training: true),
    Case("batch norm of vectors in training", [3], Dense(units: 3), BatchNorm(), training: true),
    Case(
      "residual, identity", [3, 3, 2],
      Residual {
        Conv2D(filters: 2, kernel: 3, padding: .same); Tanh()
      }),
    Case(
      "residual, projection", [4, 4, 2],
      Residual {
        Conv2D(filters: 3, kernel: 3, stride: 2, padding: .same); Sigmoid()
      }),
    Case(
      "residual, shortcut of its own", [4, 4, 2],
      Residual(
        layers: [Conv2D(filters: 3, kernel: 3, stride: 2, padding: .same), Tanh()],
        shortcut: [Conv2D(filters: 3, kernel: 2, stride: 2, bias: false), Sigmoid()])),
    Case(
      "residual of nothing but a flatten", [4], Dense(units: 3), Residual { Flatten() },
      Residual { Residual { Flatten() } }),
    Case(
      "residual at the start of a residual", [3, 3, 2],
      Conv2D(filters: 2, kernel: 1),
      Residual {
        Residual {
          Residual {
            Conv2D(filters: 2, kernel: 1); Tanh()
          }
          Sigmoid()
        }
        Tanh()
      }),
    Case(
      "residual after a residual, with projections", [4, 4, 2],
      Conv2D(filters: 2, kernel: 1),
      Residual(projection: .conv) {
        Residual {
          Conv2D(filters: 3, kernel: 3, padding: .same); Tanh()
        }
      },
      Residual {
        Tanh(); Conv2D(filters: 3, kernel: 1)
      }),
    Case(
      "residual after and before layers, with batch norm", [3, 3, 2],
      Conv2D(filters: 2, kernel: 1),
      Residual {
        Conv2D(filters: 2, kernel: 3, padding: .same); BatchNorm(); Tanh()
      },
      GlobalAvgPool2D(), training: true),
    Case(
      "branches of several lengths, one of them the input", [4, 3, 2],
      Conv2D(filters: 2, kernel: 1),
      Concatenate(branches: [
        [], [Conv2D(filters: 3, kernel: 3, padding: .same), Tanh()], [Sigmoid()],
      ]),
      Conv2D(filters: 2, kernel: 1)),
    Case("the input of the network twice", [3, 2, 2], Concatenate(branches: [[], []]), Tanh()),
    Case(
      "branches inside a residual, with batch norm", [3, 3, 4],
      Residual {
        Concatenate(branches: [
          [Conv2D(filters: 1, kernel: 3, padding: .same), BatchNorm()],
          [
            Concatenate(branches: [
              [Conv2D(filters: 1, kernel: 1)], [Conv2D(filters: 2, kernel: 1)],
            ])
          ],
        ])
        Tanh()
      }, training: true),
    Case(
      "squeeze and excitation in a residual", [3, 3, 4],
      Conv2D(filters: 4, kernel: 1),
      Residual {
        Conv2D(filters: 4, kernel: 3, padding: .same)
        Multiply {
          GlobalAvgPool2D(); Dense(units: 2); Tanh(); Dense(units: 4); Sigmoid()
        }
      }),
    Case(
      "a product with itself", [3, 3, 2], Tanh(), Multiply { ZeroPadding2D(padding: 0) }, Sigmoid()),
    Case(
      "a gate of each number", [4], Dense(units: 3),
      Multiply {
        Dense(units: 3); Sigmoid()
      }),
    Case(
      "depthwise and pointwise", [5, 4, 3],
      DepthwiseConv2D(kernel: 3, stride: Extent2D(2, 1), padding: .same, multiplier: 2), Tanh(),
      Conv2D(filters: 3, kernel: 1)),
    Case(
      "transposed, dilated", [2, 3, 2],
      Conv2DTranspose(filters: 3, kernel: 3, stride: 2, dilation: 2)),
    Case(
      "an encoder and a decoder", [4, 4, 1],
      Conv2D(filters: 3, kernel: 3, stride: 2, padding: .same), Tanh(),
      Conv2DTranspose(filters: 2, kernel: 3, stride: 2, padding: .same), Sigmoid(),
      ZeroPadding2D(), AvgPool2D(), UpSampling2D(interpolation: .bilinear)),
  ]

  @Test(arguments: cases)
  func backwardIsTheDerivativeOfForward(_ test: Case) throws {
    let spec = ModelSpec("test", input: test.input, layers: test.layers)
    #expect(try Self.failures(spec, mode: test.mode) == [])
  }

  // Those of the golden cases of every kind that are small and have no kink inside a block.
  @Test(arguments: LayerRegistry.builtIn.map { $0.kind })
  func everyKindIsDifferentiatedRightly(kind: String) throws {
    let cases = try LayerCases.of(kind).filter { one in
      one.spec.input.count <= 150 && !one.spec.layers.contains { $0 is any BlockSpec }
    }
    let isBlock = LayerRegistry.type(of: kind) is any BlockSpec.Type
    #expect(isBlock || !cases.isEmpty)
    for one in cases {
      let draw = Mode.Draw(seed: 3, epoch: 1, samples: (0..<Int32(one.batch)).map { $0 })
      let failures = try Self.failures(
        one.spec, batch: one.batch, mode: one.trains ? .training(draw) : .inference)
      #expect(failures == [], "\(one.name)")
    }
  }

  private static func failures(
    _ spec: ModelSpec, batch: Int = 2, mode: Mode
  ) throws -> [String] {
    var network = try Network(spec, seed: 2)
    // Biases, scales and shifts start at 0 and 1, where some mistakes do not show.
    var random = CounterRandom(seed: 4, .test)
    for entry in network.layout.entries where entry.variable.role != .weight {
      network.setValues(entry.range.map { _ in random.uniform(0.3, 1.2) }, of: entry)
    }
    let input = GradientChecker.spacedInput(spec.input, samples: batch)
    return GradientChecker(mode: mode).failures(network, input: input)
  }
}
