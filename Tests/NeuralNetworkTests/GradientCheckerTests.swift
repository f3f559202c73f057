import NeuralNetwork
import TestSupport
import Testing

/// The checker against layers with planted faults.
@Suite struct GradientCheckerTests {
  /// The failures of a layer alone, of what it reads, and of the r that its output is weighted with.
  private static func check(
    _ fault: Scaling.Fault?
  ) throws -> (failures: [String], x: [Float], r: [Float]) {
    let network = try Network(ModelSpec("one", input: [3], layers: [Scaling(fault)]), seed: 1)
    let x = GradientChecker.spacedInput([3], samples: 2, scale: 5)
    var random = CounterRandom(seed: 99, .test)
    let r = (0..<6).map { _ in random.uniform(-1, 1) }
    return (GradientChecker().failures(network, input: x), x.values, r)
  }

  @Test func aRightLayerPasses() throws {
    #expect(try Self.check(nil).failures == [])
  }

  @Test func anOutputThatIsAddedTo() throws {
    let (failures, x, _) = try Self.check(.addsToOutput)
    #expect(
      failures == [
        "scaling output 0: forward gives nan where y held NaN before, \(x[0]) where it held 0; it must overwrite y"
      ])
  }

  @Test func anOutputWithAGap() throws {
    let (failures, _, _) = try Self.check(.leavesOutputOut)
    #expect(
      failures.first
        == "scaling output 4: forward gives nan where y held NaN before, 0.0 where it held 0; it must overwrite y"
    )
  }

  @Test func anInputGradientThatIsAddedTo() throws {
    let (failures, _, r) = try Self.check(.addsToInputGradient)
    #expect(
      failures == [
        "scaling input 0: backward gives nan in a second pass, \(r[0]) in the first; it must overwrite dx, and forward what it caches"
      ])
  }

  @Test(arguments: [Scaling.Fault.assignsGradient, .clearsGradient])
  func aGradientThatIsNotAddedTo(_ fault: Scaling.Fault) throws {
    let (failures, x, r) = try Self.check(fault)
    let gamma = (0..<3).map { x[$0] * r[$0] + x[$0 + 3] * r[$0 + 3] }
    let beta = (0..<3).map { r[$0] + r[$0 + 3] }
    let start = (gamma + beta).map { abs($0) }.max() ?? 0
    func failure(_ name: String, _ gradient: Float) -> String {
      "scaling \(name) 0: backward turns a gradient of \(start) into \(gradient), expected \(start + gradient); it must add to it"
    }
    #expect(failures == [failure("gamma", gamma[0]), failure("beta", beta[0])])
  }

  @Test func aCacheThatIsAddedTo() throws {
    let (failures, x, r) = try Self.check(.addsToCache)
    let gamma = (0..<3).map { x[$0] * r[$0] + x[$0 + 3] * r[$0 + 3] }
    let beta = (0..<3).map { r[$0] + r[$0 + 3] }
    let start = (gamma + beta).map { abs($0) }.max() ?? 0
    // The cache holds twice the input in the second pass.
    let sum = start + 2 * x[0] * r[0] + 2 * x[3] * r[3]
    #expect(failures.count == 1)
    #expect(
      failures.first?.hasPrefix("scaling gamma 0: backward turns a gradient of \(start) into ")
        == true)
    let given = failures.first?.split(separator: " ").dropFirst(10).first?.dropLast()
    #expect(abs((given.flatMap { Float($0) } ?? 0) - sum) < 1e-5)
    #expect(
      failures.first?.hasSuffix(", expected \(start + gamma[0]); it must add to it") == true)
  }

  @Test func aSmallGradientThatIsTwoPercentTooLarge() throws {
    let (failures, _, r) = try Self.check(.twoPercent)
    let beta = (0..<3).map { r[$0] + r[$0 + 3] }
    let largest = beta.map { abs($0) }.max() ?? 0
    // 2 % of the largest are beyond a tolerance of 0.4 % of it, and so is that of others from a fifth of it.
    let found = (0..<3).filter { abs(beta[$0]) > 0.25 * largest }
    #expect(largest < 2 && failures.count >= found.count && !found.isEmpty)
    for i in found {
      let failure = failures.first { $0.hasPrefix("scaling beta \(i): backward gives ") }
      let numbers = failure?.split(whereSeparator: { ": ,".contains($0) }).compactMap { Double($0) }
      #expect(numbers?.count == 3)
      #expect(abs((numbers?[1] ?? 0) - 1.02 * Double(beta[i])) < 1e-5)
      #expect(abs((numbers?[2] ?? 0) - Double(beta[i])) < 1e-4)
    }
  }

  /// Layers before and after it work on its faulty numbers, and are not blamed.
  @Test func theLayerIsNamed() throws {
    func failures(_ fault: Scaling.Fault) throws -> [String] {
      let spec = ModelSpec("several", input: [3]) {
        Dense(units: 3)
        Scaling(nil)
        Scaling(fault)
        Tanh()
      }
      return GradientChecker().failures(
        try Network(spec, seed: 1), input: GradientChecker.spacedInput([3], samples: 2, scale: 3))
    }
    for (fault, place) in [
      (Scaling.Fault.addsToOutput, "scaling_1 output 0: forward gives nan"),
      (.addsToInputGradient, "scaling_1 input 0: backward gives nan"),
    ] {
      let found = try failures(fault)
      #expect(found.count == 1 && found[0].hasPrefix(place), "\(found)")
    }
    #expect(
      try failures(.assignsGradient).map {
        $0.split(separator: " ").prefix(2).joined(separator: " ")
      }
        == ["scaling_1 gamma", "scaling_1 beta"])
  }

  /// There the memory that the layer's gradient goes to is not that of the activation.
  @Test func anInputGradientThatIsAddedToWhereABlockBegins() throws {
    let spec = ModelSpec("block", input: [3]) {
      Dense(units: 3)
      Residual { Scaling(.addsToInputGradient) }
    }
    let failures = GradientChecker().failures(
      try Network(spec, seed: 1), input: GradientChecker.spacedInput([3], samples: 2, scale: 3))
    #expect(failures.count == 1)
    #expect(failures.first?.hasPrefix("scaling input 0: backward gives ") == true)
    #expect(
      failures.first?.hasSuffix("; it must overwrite dx, and forward what it caches") == true)
  }

  @Test func aFactorThatIsForgotten() throws {
    let network = try Network(ModelSpec("wrong", input: [4], layers: [WrongSquare()]), seed: 1)
    let input = GradientChecker.spacedInput([4], samples: 2, scale: 4)
    // The smallest input has a slope of 1/15 of the largest's, and half of it is missing.
    let failures = GradientChecker().failures(network, input: input)
    #expect(failures.count == 8)
    #expect(failures.first?.hasPrefix("input 0: backward gives ") == true)
  }

  @Test(arguments: [(36, 1), (36, 4), (800, 1), (1600, 1), (4000, 2)] as [(Int, Float)])
  func aSpacedInputIsAGrid(count: Int, scale: Float) {
    let values = GradientChecker.spacedInput([count], samples: 1, scale: scale).values.sorted()
    let spacing = (count > 800 ? 0.03 : 0.06) * scale
    for (low, high) in zip(values, values.dropFirst()) {
      #expect(abs(high - low - spacing) < spacing / 100)
    }
    #expect(abs(values[count / 2] - spacing / 2) < 1e-6)
    #expect(abs(values[count - 1] - spacing / 2 * Float(count - 1)) < 1e-3 * scale)
  }
}

/// y[c] = γ[c] · x[c] + β[c], with a fault.
struct Scaling: LayerSpec {
  enum Fault: Sendable {
    case addsToOutput, leavesOutputOut, addsToInputGradient, assignsGradient, clearsGradient
    case addsToCache, twoPercent
  }

  static let kind = "scaling"
  static let help = "scales and shifts"
  static let prototype = Scaling(nil)
  var common = LayerCommon()
  let fault: Fault?

  init(_ fault: Fault?) { self.fault = fault }

  func build(input: Shape) throws(ModelError) -> any Layer {
    ScalingLayer(inputShape: input, fault: fault)
  }
}

struct ScalingLayer: Layer {
  let inputShape: Shape
  let fault: Scaling.Fault?

  var outputShape: Shape { inputShape }
  var cached: [CachedArray] { [CachedArray("input", perSample: inputShape.count)] }
  var variables: [Variable] {
    [
      Variable("gamma", shape: inputShape, role: .bias, constant: 1),
      Variable("beta", shape: inputShape, role: .bias, constant: 0),
    ]
  }

  func forward(_ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode) {
    let (from, to, kept) = (x.pointer, y.mutablePointer(), cache.floats(0))
    for i in 0..<x.count where fault != .leavesOutputOut || i != 4 {
      let value = weights[0][i % 3] * from[i] + weights[1][i % 3]
      to[i] = fault == .addsToOutput ? to[i] + value : value
      kept[i] = fault == .addsToCache ? kept[i] + from[i] : from[i]
    }
  }

  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    let (gradient, kept, to) = (dy.pointer, cache.floats(0), dx?.mutablePointer())
    for i in 0..<dy.count {
      let value = weights[0][i % 3] * gradient[i]
      if let to { to[i] = fault == .addsToInputGradient ? to[i] + value : value }
    }
    guard let gradients else { return }
    for c in 0..<3 {
      var sums: (Float, Float) = (0, 0)
      for i in stride(from: c, to: dy.count, by: 3) {
        sums.0 += kept[i] * gradient[i]
        sums.1 += gradient[i]
      }
      if fault == .twoPercent { sums.1 *= 1.02 }
      if fault == .clearsGradient { (gradients[0][c], gradients[1][c]) = (0, 0) }
      if fault == .assignsGradient {
        (gradients[0][c], gradients[1][c]) = sums
      } else {
        gradients[0][c] += sums.0
        gradients[1][c] += sums.1
      }
    }
  }
}

/// y = 10 · x², whose backward pass forgets the factor 2.
private struct WrongSquare: ActivationSpec {
  static let kind = "wrong_square"
  static let help = "ten times the square"
  static let prototype = WrongSquare()
  var common = LayerCommon()

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
