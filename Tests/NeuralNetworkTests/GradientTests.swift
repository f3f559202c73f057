import NeuralNetwork
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
    Case("conv 3×3", [5, 4, 2], Conv2D(filters: 3, kernel: 3)),
    Case("conv 3×3 same", [4, 5, 3], Conv2D(filters: 2, kernel: 3, padding: .same)),
    Case(
      "conv 2×3 stride 2×1", [5, 4, 2],
      Conv2D(filters: 2, kernel: Extent2D(2, 3), stride: Extent2D(2, 1), padding: .same)),
    Case(
      "conv padded, dilated", [5, 5, 1],
      Conv2D(
        filters: 2, kernel: 3, padding: .explicit(top: 2, bottom: 1, left: 0, right: 2),
        dilation: 2)),
    Case("conv in groups", [4, 4, 4], Conv2D(filters: 6, kernel: 3, padding: .same, groups: 2)),
    Case(
      "conv depthwise, no bias", [4, 4, 3], Conv2D(filters: 3, kernel: 3, groups: 3, bias: false)),
    Case("conv 17 filters", [3, 3, 2], Conv2D(filters: 17, kernel: 2)),
    Case("conv 1×1 stride 2", [5, 5, 3], Conv2D(filters: 4, kernel: 1, stride: 2)),
    Case("max pool 2", [4, 5, 3], MaxPool2D(window: 2)),
    Case("max pool overlapping", [5, 5, 2], MaxPool2D(window: 3, stride: 1)),
    Case(
      "max pool 2×3 stride 1×2 same", [5, 4, 2],
      MaxPool2D(window: Extent2D(2, 3), stride: Extent2D(1, 2), padding: .same)),
    Case("avg pool 2", [4, 5, 3], AvgPool2D(window: 2)),
    Case("avg pool overlapping, same", [5, 5, 2], AvgPool2D(window: 3, stride: 2, padding: .same)),
    Case("global avg pool", [3, 4, 5], GlobalAvgPool2D()),
    Case("global max pool", [3, 4, 5], GlobalMaxPool2D()),
    Case("relu", [3, 3, 2], ReLU()), Case("leaky relu", [3, 3, 2], LeakyReLU(slope: 0.2)),
    Case("elu", [3, 3, 2], ELU(alpha: 0.7)), Case("sigmoid", [3, 3, 2], Sigmoid()),
    Case("tanh", [3, 3, 2], Tanh()), Case("gelu", [3, 3, 2], GELU()),
    Case("softmax", [7], Softmax()), Case("dense", [9], Dense(units: 5)),
    Case("dense without bias, 17 units", [4], Dense(units: 17, bias: false)),
    Case("flatten", [2, 3, 2], Flatten()),
    Case("dropout at rest", [3, 3, 2], Dropout(rate: 0.4)),
    Case("dropout in training", [3, 3, 2], Dropout(rate: 0.4), training: true),
    Case("batch norm at rest", [3, 3, 2], BatchNorm()),
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
  ]

  @Test(arguments: cases)
  func backwardIsTheDerivativeOfForward(_ test: Case) throws {
    var network = try Network(ModelSpec("test", input: test.input, layers: test.layers), seed: 2)
    // Biases, scales and shifts start at 0 and 1, where some mistakes do not show.
    var random = CounterRandom(seed: 4, .test)
    for entry in network.layout.entries where entry.variable.role != .weight {
      network.setValues(entry.range.map { _ in random.uniform(0.3, 1.2) }, of: entry)
    }
    let checker = GradientChecker(mode: test.mode)
    let input = GradientChecker.spacedInput(test.input, samples: 2)
    #expect(checker.failures(network, input: input) == [])
  }

  @Test func theCheckerFindsAWrongGradient() throws {
    let network = try Network(
      ModelSpec("wrong", input: [4], layers: [WrongSquare()]), seed: 1)
    let input = GradientChecker.spacedInput([4], samples: 2)
    #expect(GradientChecker().failures(network, input: input).count == 8)
  }
}

/// y = x², whose backward pass forgets the factor 2.
private struct WrongSquare: ActivationSpec {
  static let kind = "wrong_square"
  var name: String?

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    for i in 0..<count { y[i] = 10 * x[i] * x[i] }
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { dx[i] = 10 * dy[i] * x[i] }
  }
}
