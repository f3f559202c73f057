/// The slopes of Σ r·y of one layer by each number that it reads: by backward, and by differences.
struct LayerSlopes {
  /// Which array a number is in.
  enum Array {
    /// The input with this number.
    case input(Int)
    /// The variable that starts at this position.
    case variable(Int)
  }

  /// How Σ r·y changes with a number.
  struct Slope {
    /// Between a step down and a step up.
    let central: Double
    /// From the number to a step up.
    let above: Double
    /// From a step down to the number.
    let below: Double
    /// What rounding of the outputs in single precision may add to each of them.
    let rounding: Double
  }

  private(set) var probe: Probe
  private let weights: [Float]
  private let mode: Mode
  private let output: [Float]
  private var inputs: [Tensor]
  /// What backward gives for each input.
  let inputGradients: [[Float]]
  /// What backward gives for each trained variable.
  let variableGradients: [[Float]]

  /// Runs a network of one layer forwards and backwards.
  ///
  /// - Parameter outputWeights: r, `[N, outputShape]`.
  init(_ network: Network, _ inputs: [Tensor], outputWeights: Tensor, mode: Mode) {
    var probe = Probe(network, batch: outputWeights.samples)
    output = probe.forward(inputs, mode: mode).values
    variableGradients = probe.backward(outputWeights).variables
    inputGradients = inputs.indices.map { probe.workspace.gradients[$0]?.values ?? [] }
    (self.probe, self.inputs, self.mode) = (probe, inputs, mode)
    weights = outputWeights.values
  }

  /// A hundredth of the root mean square of an array; of 0.1 where that is less, which the outputs' rounding
  /// would otherwise hide.
  func step(_ array: Array, count: Int) -> Float {
    var squares = 0.0
    for place in 0..<count {
      let value = Double(self.value(array, place))
      squares += value * value
    }
    let root = Float((squares / Double(max(count, 1))).squareRoot())
    return 1e-2 * (root.isFinite ? max(root, 0.1) : 1)
  }

  /// The slope by one number, from two forward passes.
  mutating func slope(_ array: Array, _ place: Int, step: Float) -> Slope {
    let value = value(array, place)
    let (high, low) = (value + step, value - step)
    let above = change(array, place, to: high)
    let below = change(array, place, to: low)
    set(array, place, to: value)
    let (up, down) = (Double(high) - Double(value), Double(value) - Double(low))
    return Slope(
      central: (above.sum - below.sum) / (up + down), above: above.sum / up,
      below: -below.sum / down,
      rounding: 4 * 0x1p-23 * max(above.squares, below.squares).squareRoot() / min(up, down))
  }

  private func value(_ array: Array, _ place: Int) -> Float {
    switch array {
    case .input(let number): inputs[number].pointer[place]
    case .variable(let start): probe.network.variables.pointer[start + place]
    }
  }

  private mutating func set(_ array: Array, _ place: Int, to value: Float) {
    switch array {
    case .input(let number): inputs[number][place] = value
    case .variable(let start): probe.setVariable(start + place, to: value)
    }
  }

  /// By how much Σ r·y changes where a number is another, and Σ (r·y)² of the outputs that do; of all where
  /// none does, as rounding has swallowed the change.
  private mutating func change(
    _ array: Array, _ place: Int, to value: Float
  ) -> (sum: Double, squares: Double) {
    set(array, place, to: value)
    let y = probe.forward(inputs, mode: mode)
    var (sum, squares) = (0.0, 0.0)
    for i in output.indices where y.pointer[i] != output[i] {
      let weight = Double(weights[i]), before = Double(output[i])
      sum += weight * (Double(y.pointer[i]) - before)
      squares += weight * weight * before * before
    }
    if squares == 0 {
      squares = zip(weights, output).reduce(0) { sum, pair in
        let share = Double(pair.0) * Double(pair.1)
        return sum + share * share
      }
    }
    return (sum, squares)
  }
}

/// Decides whether a derivative is what differences say.
struct SlopeJudge {
  /// The decision, with the difference as a share of the unit.
  enum Verdict {
    case right(difference: Double)
    /// The slopes on both sides differ, and the derivative is between them.
    case kink
    case wrong(difference: Double, slope: Double)
  }

  /// The derivative.
  let backward: Double
  /// The largest derivative of its array.
  let unit: Double
  /// The share of the unit that counts as none.
  let tolerance: Double

  /// The smallest step, as a share of the first.
  private static let smallestStep: Float = 1 / 256

  /// Compares the derivative with a slope, from smaller and smaller steps as long as they disagree and
  /// rounding does not hide what is looked for.
  func judge(from first: Float, _ slope: (Float) -> LayerSlopes.Slope) -> Verdict {
    var step = first
    var found = slope(step)
    while !agrees(found), step > first * Self.smallestStep {
      let next = slope(step / 4)
      guard next.rounding <= tolerance * unit else { break }
      let last = found
      (step, found) = (step / 4, next)
      // A smaller step tells nothing new, and backward something else.
      if abs(found.central - last.central) <= allowance(found), !bends(found) { break }
    }
    let difference = abs(backward - found.central)
    let share = difference == 0 ? 0 : difference / (unit + found.rounding / tolerance)
    if agrees(found) { return .right(difference: share) }
    let (low, high) = (min(found.above, found.below), max(found.above, found.below))
    let isBetween = backward >= low - allowance(found) && backward <= high + allowance(found)
    return bends(found) && isBetween ? .kink : .wrong(difference: share, slope: found.central)
  }

  private func bends(_ slope: LayerSlopes.Slope) -> Bool {
    abs(slope.above - slope.below) > allowance(slope)
  }

  private func allowance(_ slope: LayerSlopes.Slope) -> Double {
    tolerance * unit + slope.rounding
  }

  private func agrees(_ slope: LayerSlopes.Slope) -> Bool {
    abs(backward - slope.central) <= allowance(slope)
  }
}
