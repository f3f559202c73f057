import Testing

@testable import NeuralNetwork

/// Whole models, layer by layer, right ones and ones with a planted fault.
@Suite struct ModelGradientCheckerTests {
  private static func check(
    _ checker: ModelGradientChecker = ModelGradientChecker(samples: nil),
    input: Shape = [3], @LayerBuilder _ layers: () -> [any LayerSpec]
  ) throws -> [LayerGradientCheck] {
    checker.check(try Network(ModelSpec("checked", input: input, layers: layers), seed: 1))
  }

  @Test func everyLayerOfARightModelIsRight() throws {
    let checks = try Self.check(input: [6, 6, 2]) {
      Conv2D(filters: 4, kernel: 3, padding: .same)
      BatchNorm()
      Residual {
        Conv2D(filters: 4, kernel: 3, padding: .same)
        ReLU()
      }
      Concatenate(branches: [[], [Conv2D(filters: 2, kernel: 1), Tanh()]])
      MaxPool2D(window: 2)
      Flatten()
      Dropout(rate: 0.3)
      Dense(units: 3).frozen
    }
    #expect(checks.flatMap(\.failures) == [])
    #expect(LayerGradientCheck.verdict(of: checks) == .right)
    #expect(
      checks.map(\.layer)
        == [
          "conv2d", "batch_norm", "conv2d_1", "re_lu", "add", "conv2d_2", "tanh", "concatenate",
          "max_pool2d", "flatten", "dropout", "dense",
        ].map { $0 == "re_lu" ? "relu" : $0 })
    func parts(_ layer: String) -> [String]? {
      checks.first { $0.layer == layer }?.parts.map(\.name)
    }
    #expect(parts("batch_norm") == ["input", "gamma", "beta"])
    #expect(parts("add") == ["input 1", "input 2"])
    #expect(parts("dense") == ["input"])
    let kernel = checks[0].parts[1]
    #expect(kernel.name == "kernel" && kernel.count == 72 && kernel.compared == 72)
    #expect(checks.flatMap(\.parts).allSatisfy { $0.difference <= 4e-3 })
  }

  @Test(arguments: [Scaling.Fault.twoPercent, .assignsGradient, .addsToInputGradient])
  func theLayerThatIsWrongIsNamed(_ fault: Scaling.Fault) throws {
    let checks = try Self.check {
      Dense(units: 3)
      Scaling(nil)
      Scaling(fault)
      Tanh()
    }
    #expect(checks.map(\.verdict) == [.right, .right, .wrong, .right])
    #expect(LayerGradientCheck.verdict(of: checks) == .wrong)
    let failures = checks[2].failures
    #expect(!failures.isEmpty && failures.allSatisfy { $0.hasPrefix("scaling_1 ") })
    if fault == .twoPercent {
      let part = try #require(checks[2].parts.last)
      let wrong = try #require(part.disagreement)
      #expect(part.name == "beta" && abs(wrong.backward / wrong.differences - 1.02) < 1e-3)
      #expect(
        failures == [
          "scaling_1 beta \(wrong.place): backward gives \(Float(wrong.backward)), differences give"
            + " \(Float(wrong.differences)); \(wrong.count) of 3 compared are wrong"
        ])
    }
  }

  /// One of the kernel's 4,608 numbers in 154 is compared, and its half of another layer found all the same.
  @Test func aSampleOfALargeLayerIsEnough() throws {
    let checks = try Self.check(ModelGradientChecker(samples: 30), input: [8, 8, 16]) {
      Conv2D(filters: 32, kernel: 3)
      WrongLeak()
    }
    #expect(checks.map(\.verdict) == [.right, .wrong])
    #expect(checks[0].parts.map(\.compared) == [30, 30, 30])
    #expect(checks[1].parts[0].compared == 30)
  }

  @Test func theSameSeedChecksTheSameNumbers() throws {
    func checks(seed: UInt64) throws -> [LayerGradientCheck] {
      try Self.check(ModelGradientChecker(samples: 5, seed: seed), input: [8, 8, 1]) {
        Conv2D(filters: 4, kernel: 3)
        Sigmoid()
      }
    }
    #expect(try checks(seed: 3) == checks(seed: 3))
    #expect(try checks(seed: 3) != checks(seed: 4))
  }

  /// Every input of the ReLU is 0, where it has no derivative.
  @Test func nothingIsSaidOfALayerThatIsAllKinks() throws {
    let checks = try Self.check {
      Rescaling(scale: 0, offset: 0)
      ReLU()
    }
    #expect(checks[1].verdict == .unknown && checks[1].failures == [])
    #expect(checks[1].parts[0].compared == 0 && checks[1].parts[0].steppedRound == 12)
    #expect(LayerGradientCheck.verdict(of: checks) == .unknown)
  }

  @Test func aPassThatGivesNoNumberIsWrong() throws {
    let checks = try Self.check {
      NotANumber()
      Tanh()
    }
    #expect(checks[0].verdict == .wrong && checks[0].parts[0].difference.isNaN)
  }

  /// |x| at several distances from its kink, by steps of at most 0.01.
  @Test(arguments: [
    (0.0, 0.3, "kink"), (0, -1, "kink"), (0, 1.1, "wrong"), (0.004, 1, "right"),
    (0.004, -1, "wrong"), (0.004, 0.5, "wrong"), (1, 1, "right"), (1, 1.003, "right"),
    (1, 1.01, "wrong"), (1, .nan, "wrong"),
  ])
  func aDerivativeIsJudgedBySmallerAndSmallerSteps(
    x: Double, derivative: Double, verdict: String
  ) {
    let judge = SlopeJudge(backward: derivative, unit: 1, tolerance: 0.004)
    let found = judge.judge(from: 0.01) { step in
      let h = Double(step)
      let (above, below) = ((abs(x + h) - abs(x)) / h, (abs(x) - abs(x - h)) / h)
      return LayerSlopes.Slope(
        central: (above + below) / 2, above: above, below: below, rounding: 1e-7 / h)
    }
    switch found {
    case .right(let difference):
      #expect(verdict == "right" && difference <= 0.004)
    case .kink: #expect(verdict == "kink")
    case .wrong(let difference, _):
      #expect(verdict == "wrong" && !(difference <= 0.004))
    }
  }
}

extension LayerSpec {
  fileprivate var frozen: Self {
    var copy = self
    copy.common.trainable = false
    return copy
  }
}

/// y = x above 0, x/2 below, whose backward pass takes the half for a third.
private struct WrongLeak: ActivationSpec {
  static let kind = "wrong_leak"
  static let help = "a leak of a half"
  static let prototype = WrongLeak()
  var common = LayerCommon()

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    for i in 0..<count { y[i] = x[i] > 0 ? x[i] : x[i] / 2 }
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { dx[i] = x[i] > 0 ? dy[i] : dy[i] / 3 }
  }
}

/// y = x, whose backward pass gives no number.
private struct NotANumber: ActivationSpec {
  static let kind = "not_a_number"
  static let help = "what it is given"
  static let prototype = NotANumber()
  var common = LayerCommon()

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    y.update(from: x, count: count)
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    dx.update(repeating: .nan, count: count)
  }
}
