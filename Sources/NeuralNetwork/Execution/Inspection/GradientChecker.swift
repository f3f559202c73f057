import Platform

/// Compares a network's backward pass with differences of its forward pass: the proof that a layer's
/// gradients, those of our own and of yours, are right.
///
/// The loss is Σ r·y with random r, so its derivative by every input and every variable is known from one
/// backward pass, and by central differences from two forward passes each. What the two differ by is
/// measured in units of the largest derivative, by either way, of the variable that it belongs to, or of the
/// input; so a gradient that is a percent wrong is found although it is small. Where even the largest is below
/// 0.01, that is the unit: a bias before a normalization has a derivative of 0, and differences of it are
/// rounding alone.
///
/// A second pass begins with NaN in whatever a layer has to overwrite, and with other numbers than 0 in the
/// gradients that it has to add to: a layer that adds to `y` or `dx`, leaves a number of them out, or
/// overwrites the gradient of a variable would be right in the first pass of a run alone.
///
/// It sees what the input and the settings reach: choose them so that every branch of the layer is taken, in
/// as many networks as that needs, and no input is within ``step`` of a kink. Parameters that begin at 0 or
/// 1 hide mistakes, so set them to other numbers first.
///
/// ```swift
/// let network = try Network(ModelSpec("check", input: [5, 5, 2]) { MyLayer() }, seed: 1)
/// let input = GradientChecker.spacedInput([5, 5, 2], samples: 2)
/// print(GradientChecker().failures(network, input: input))  // [] where all is well
/// ```
public struct GradientChecker: Sendable {
  /// How far each input and variable is moved, up and down.
  public var step: Float
  /// The largest difference that counts as none, as a share of the largest derivative.
  ///
  /// Two things make right derivatives differ: the curvature of the layer times the square of the step, and
  /// the rounding of the loss, in single precision, divided by the step. With the defaults they are at most
  /// 0.17 % for our own layers and blocks, below 0.04 % for all but one, and rounding alone is below 2 · 10⁻⁵.
  public var tolerance: Double
  /// The mode of the passes.
  public var mode: Mode

  /// The smallest number that a largest derivative counts as.
  private static let smallestUnit = 0.01

  /// Creates a checker; the defaults suit layers whose inputs and outputs are about 1.
  public init(step: Float = 1e-2, tolerance: Double = 4e-3, mode: Mode = .inference) {
    self.step = step
    self.tolerance = tolerance
    self.mode = mode
  }

  /// The places where something is wrong, each with its layer and the numbers; empty where all is well.
  ///
  /// Takes two forward passes for every number of `x` and every trained parameter.
  public func failures(_ network: Network, input x: Tensor) -> [String] {
    var probe = Probe(network, batch: x.samples)
    let y = probe.forward(x, mode: mode)
    var random = CounterRandom(seed: 99, .test)
    let r = Tensor(
      samples: y.samples, shape: y.shape, values: (0..<y.count).map { _ in random.uniform(-1, 1) })
    let analytic = probe.backward(r)
    return faultsOfASecondPass(after: probe, [x], r, analytic.variables)
      + differences(network, x, r.values, analytic)
  }

  /// A batch of inputs in random order on a grid on both sides of 0, so that no ReLU and no maximum changes
  /// sides within a step of 0.01.
  ///
  /// The points of a batch of n numbers are 0.06 · `scale` apart where n is at most 800, closer above, and
  /// 0.03 · `scale` from n = 1600; the two in the middle are half of that from 0, and the outermost about
  /// n/2 times that: ±1 in a batch of 36 numbers.
  ///
  /// - Parameters:
  ///   - shape: that of one sample; the batch is `[samples, shape]`.
  ///   - scale: stretches the grid, so that it reaches the branches of a layer that are far from 0. Below 1
  ///     the step has to be smaller by as much.
  public static func spacedInput(
    _ shape: Shape, samples: Int, seed: UInt64 = 5, scale: Float = 1
  ) -> Tensor {
    require(scale > 0 && scale.isFinite, "a scale is a number above 0, not \(scale)")
    let count = samples * shape.count
    let order = CounterRandom.permutation(count, using: CounterRandom(seed: seed, .test))
    // Large grids would leave the range in which activations have a slope.
    let spacing = 0.06 * scale * max(0.5, min(1, 800 / Float(max(count, 1))))
    return Tensor(
      samples: samples, shape: shape,
      values: order.map { (Float(Int($0) - count / 2) + 0.5) * spacing })
  }

  // MARK: Differences

  private func differences(
    _ network: Network, _ x: Tensor, _ r: [Float], _ analytic: (input: Tensor, variables: [[Float]])
  ) -> [String] {
    func loss(_ network: Network, _ x: Tensor) -> Double {
      var probe = Probe(network, batch: x.samples)
      let y = probe.forward(x, mode: mode)
      return zip(y.values, r).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let slopes = (0..<x.count).map { i in
      var (up, down) = (x, x)
      up[i] += step
      down[i] -= step
      return (loss(network, up) - loss(network, down)) / (Double(up[i]) - Double(down[i]))
    }
    var failures = compare("input", analytic.input.values, slopes)
    let trained = network.layout.entries.filter { $0.isTrained }
    for (entry, gradient) in zip(trained, analytic.variables) {
      let slopes = entry.range.map { position in
        var (up, down) = (network, network)
        up.variables[position] += step
        down.variables[position] -= step
        let width = Double(up.variables[position]) - Double(down.variables[position])
        return (loss(up, x) - loss(down, x)) / width
      }
      failures += compare(Self.name(entry, network), gradient, slopes)
    }
    return failures
  }

  private func compare(_ name: String, _ analytic: [Float], _ numeric: [Double]) -> [String] {
    let all = analytic.map { Double($0) } + numeric
    let unit = all.reduce(Self.smallestUnit) { $1.isFinite ? max($0, abs($1)) : $0 }
    return zip(analytic, numeric).enumerated().compactMap { i, pair in
      // What is not a number is not at most the tolerance either.
      abs(Double(pair.0) - pair.1) <= tolerance * unit
        ? nil : "\(name) \(i): backward gives \(pair.0), differences give \(pair.1)"
    }
  }

  private static func name(_ entry: VariableLayout.Entry, _ network: Network) -> String {
    "\(network.nodes[entry.node].name) \(entry.variable.name)"
  }

  // MARK: A second pass

  /// Where a pass computes something else than the first, for the numbers that it finds in its memory.
  ///
  /// - Parameters:
  ///   - x: what the first pass read; several tensors where a part of a network reads as many.
  ///   - r: the gradient of the output.
  ///   - gradients: those of the trained variables, from the first pass.
  func faultsOfASecondPass(
    after first: Probe, _ x: [Tensor], _ r: Tensor, _ gradients: [[Float]]
  ) -> [String] {
    var second = first
    second.spoil(outputs: true)
    _ = second.forward(x, mode: mode)
    var failures: [String] = []
    if let failure = faultOfForward(first, second) {
      failures.append(failure)
      // Its memory is as that of the first, so that the faults of the backward pass show, too.
      second = Probe(first.network, batch: r.samples)
      _ = second.forward(x, mode: mode)
      second.spoil(outputs: false)
    }
    let largest = gradients.joined().reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    let start = largest > 0 ? largest : 1
    let sums = second.backward(r, onto: start).variables
    let fault = faultOfBackward(first, second)
    if let fault { failures.append(fault.message) }
    let trained = first.network.layout.entries.filter { $0.isTrained }
    for (entry, (alone, sum)) in zip(trained, zip(gradients, sums)) {
      let node = first.network.nodes[entry.node]
      // Layers before one whose dx is wrong get a wrong dy, and those that gather overwrite.
      guard entry.node >= fault?.node ?? 0, node.gathering == nil else { continue }
      let wrong = alone.indices.first { i in
        alone[i].isFinite && !(abs(sum[i] - start - alone[i]) <= 1e-3 * start)
      }
      if let i = wrong {
        failures.append(
          "\(Self.name(entry, first.network)) \(i): backward turns a gradient of \(start) into"
            + " \(sum[i]), expected \(start + alone[i]); it must add to it")
      }
    }
    return failures
  }

  /// The first layer whose output differs; those after it read that.
  private func faultOfForward(_ first: Probe, _ second: Probe) -> String? {
    for node in first.network.nodes {
      let (zeros, nans) = (
        first.workspace.activations[node.output], second.workspace.activations[node.output]
      )
      guard let i = Self.firstDifference(zeros, nans) else { continue }
      return "\(node.name) output \(i): forward gives \(nans[i]) where y held NaN before,"
        + " \(zeros[i]) where it held 0; it must overwrite y"
    }
    return nil
  }

  /// The last layer the gradient of whose input differs; those before it read that.
  private func faultOfBackward(
    _ first: Probe, _ second: Probe
  ) -> (message: String, node: Int)? {
    let nodes = first.network.nodes
    for (number, node) in nodes.enumerated().reversed() {
      for input in node.inputs {
        guard let once = first.workspace.gradients[input],
          let again = second.workspace.gradients[input],
          let i = Self.firstDifference(once, again)
        else { continue }
        // Where a block begins, several have written it.
        let layers = nodes.filter { $0.layer != nil && $0.reads(input) }.map(\.name)
        let names = layers.isEmpty ? node.name : layers.joined(separator: " or ")
        let message =
          "\(names) input \(i): backward gives \(again[i]) in a second pass, \(once[i]) in the first;"
          + " it must overwrite dx, and forward what it caches"
        return (message, number)
      }
    }
    return nil
  }

  private static func firstDifference(_ a: Tensor, _ b: Tensor) -> Int? {
    (0..<a.count).first { i in
      a.pointer[i] != b.pointer[i] && !(a.pointer[i].isNaN && b.pointer[i].isNaN)
    }
  }
}
