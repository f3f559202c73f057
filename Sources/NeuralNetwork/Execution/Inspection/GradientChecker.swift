/// Compares a network's backward pass with differences of its forward pass: the proof that a layer's
/// gradients, those of our own and of yours, are right.
///
/// The loss is Σ r·y with random r, so its derivative by every input and every variable is known from one
/// backward pass, and by central differences from two forward passes each. What the two differ by is
/// measured in units of max(|analytic|, |numeric|, 1).
///
/// ```swift
/// let network = try Network(ModelSpec("check", input: [5, 5, 2]) { MyLayer() }, seed: 1)
/// let input = GradientChecker.spacedInput([5, 5, 2], samples: 2)
/// print(GradientChecker().failures(network, input: input))  // [] where all is well
/// ```
public struct GradientChecker: Sendable {
  /// How far each input and variable is moved, up and down.
  public var step: Float
  /// The largest difference that counts as none: rounding in single precision, and the curvature of the
  /// layer times the square of the step.
  public var tolerance: Double
  /// The mode of the passes.
  public var mode: Mode

  /// Creates a checker; the defaults suit layers whose inputs and outputs are about 1.
  public init(step: Float = 1e-2, tolerance: Double = 4e-3, mode: Mode = .inference) {
    self.step = step
    self.tolerance = tolerance
    self.mode = mode
  }

  /// The inputs and variables where the two disagree, each with both values; empty where all is well.
  ///
  /// Takes two forward passes for every number of `x` and every trained parameter. Where a layer has
  /// kinks, the inputs must be further from them than the step, as those of
  /// ``spacedInput(_:samples:seed:)`` are from 0 and from each other.
  public func failures(_ network: Network, input x: Tensor) -> [String] {
    var probe = Probe(network, batch: x.samples)
    let y = probe.forward(x, mode: mode)
    var random = CounterRandom(seed: 99, .test)
    let r = (0..<y.count).map { _ in random.uniform(-1, 1) }
    let analytic = probe.backward(Tensor(samples: y.samples, shape: y.shape, values: r))

    func loss(_ network: Network, _ x: Tensor) -> Double {
      var probe = Probe(network, batch: x.samples)
      let y = probe.forward(x, mode: mode)
      return zip(y.values, r).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    var failures: [String] = []
    func compare(_ name: String, _ analytic: Float, _ numeric: Double) {
      let scale = max(abs(Double(analytic)), abs(numeric), 1)
      if abs(Double(analytic) - numeric) > tolerance * scale || !numeric.isFinite {
        failures.append("\(name): backward gives \(analytic), differences give \(numeric)")
      }
    }
    for i in 0..<x.count {
      var (up, down) = (x, x)
      up[i] += step
      down[i] -= step
      let width = Double(up[i]) - Double(down[i])
      compare("input \(i)", analytic.input[i], (loss(network, up) - loss(network, down)) / width)
    }
    let trained = network.layout.entries.filter { $0.isTrained }
    for (entry, gradient) in zip(trained, analytic.variables) {
      for (i, position) in entry.range.enumerated() {
        var (up, down) = (network, network)
        up.variables[position] += step
        down.variables[position] -= step
        let width = Double(up.variables[position]) - Double(down.variables[position])
        compare(
          "\(entry.variable.name) \(i)", gradient[i], (loss(up, x) - loss(down, x)) / width)
      }
    }
    return failures
  }

  /// A batch of inputs in random order on a grid whose points are 0.06 apart and 0.03 from 0: no ReLU
  /// and no maximum changes sides within a step of 0.01.
  ///
  /// - Parameter shape: that of one sample; the batch is `[samples, shape]`.
  public static func spacedInput(_ shape: Shape, samples: Int, seed: UInt64 = 5) -> Tensor {
    let count = samples * shape.count
    let order = CounterRandom.permutation(count, using: CounterRandom(seed: seed, .test))
    let values = order.map { (Float(Int($0) - count / 2) + 0.5) * 0.06 }
    // Large grids would leave the range in which activations have a slope.
    let scale = min(1, 6 / Float(count) / 0.06 * 8)
    return Tensor(samples: samples, shape: shape, values: values.map { $0 * max(scale, 0.5) })
  }
}
