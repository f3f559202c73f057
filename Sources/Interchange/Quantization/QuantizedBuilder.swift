import NeuralNetwork

/// Turns the steps of a folded network into steps with integers, one after the other.
struct QuantizedBuilder {
  private let folded: FoldedNetwork
  private let ranges: [ClosedRange<Double>]
  /// The number here of each activation of the network that has one.
  private var numbers: [Int: Int] = [0: 0]
  private(set) var steps: [QuantizedStep] = []
  private(set) var activations: [QuantizedActivation]

  init(_ folded: FoldedNetwork, _ ranges: [ClosedRange<Double>]) {
    (self.folded, self.ranges) = (folded, ranges)
    activations = [
      QuantizedActivation(shape: folded.network.inputShape, grid: .pixels, isWide: false)
    ]
  }

  /// - Throws: a `ModelError` where a factor or a sum is too large for it.
  mutating func append(_ step: FoldedStep) throws(ModelError) {
    let inputs = step.inputs.compactMap { numbers[$0] }
    let isLast = step.output == folded.output
    let (operation, grid, isWide) = try quantized(
      step, inputs.map { activations[$0].grid }, isLast: isLast)
    numbers[step.output] = activations.count
    steps.append(
      QuantizedStep(
        name: step.name, operation: operation, inputs: inputs, output: activations.count))
    activations.append(
      QuantizedActivation(
        shape: folded.network.activationShapes[step.output], grid: grid, isWide: isWide))
  }

  private func quantized(
    _ step: FoldedStep, _ inputs: [QuantizationGrid], isLast: Bool
  ) throws(ModelError) -> (QuantizedOperation, QuantizationGrid, isWide: Bool) {
    let x = inputs[0], y = QuantizationGrid(ranges[step.output])
    switch step.operation {
    case .weightedSum(let sum):
      let (integers, grid) = try QuantizedSum.quantizing(
        sum, input: x, output: isLast ? nil : y, bounds: step.bounds)
      return (.weightedSum(integers), grid, isLast)
    case .function(let function): return (.table(Self.table(of: function, x, y)), y, false)
    case .slopes(let slopes):
      var below: [FixedPointFactor] = []
      for slope in slopes { below.append(try FixedPointFactor(Double(slope) * x.scale / y.scale)) }
      return (.slopes(above: try FixedPointFactor(x.scale / y.scale), below: below), y, false)
    case .maxPooling(let window): return (.maxPooling(window), x, false)
    case .padding(let margins): return (.padding(margins), x, false)
    case .upSampling(let size): return (.upSampling(size), x, false)
    case .averagePooling(let window):
      return (.averagePooling(window, try Self.averages(window, x, y)), y, false)
    case .sum:
      let factors = try FixedPointFactor.sharingShift(inputs.map { $0.scale / y.scale })
      return (.sum(factors[0], factors[1], range: y.range(step.bounds)), y, false)
    case .product:
      return (.product(try FixedPointFactor(x.scale * inputs[1].scale / y.scale)), y, false)
    case .concatenation:
      var factors: [FixedPointFactor] = []
      for input in inputs { factors.append(try FixedPointFactor(input.scale / y.scale)) }
      return (.concatenation(factors), y, false)
    case .softmax:
      // Shares of 2¹⁵, or of 2⁸ where another step reads them.
      let grid =
        isLast
        ? QuantizationGrid(scale: 0x1p-15, zero: 0) : QuantizationGrid(scale: 0x1p-8, zero: -128)
      return (.softmax(Self.exponentials(x)), grid, isLast)
    }
  }

  /// The function of each integer, from −128 up.
  private static func table(
    of function: any ActivationSpec, _ x: QuantizationGrid, _ y: QuantizationGrid
  ) -> [Int8] {
    let numbers = QuantizationGrid.integers.map { Float(x.number(for: $0)) }
    var values = numbers
    function.forward(numbers.count, numbers, into: &values)
    return values.map { Int8($0.isFinite ? y.integer(for: Double($0)) : y.zero) }
  }

  /// Factors for windows with 1, 2, … positions inside the image, or the one that all windows have.
  private static func averages(
    _ window: SlidingWindow, _ x: QuantizationGrid, _ y: QuantizationGrid
  ) throws(ModelError) -> [FixedPointFactor] {
    let area = window.kernel.height * window.kernel.width
    guard Int64(area) * 255 <= Int32.max else {
      throw ModelError("its windows have \(area) positions; expected at most \(Int32.max / 255)")
    }
    // A window with nothing but padding in it gives 0.
    let counts = Set(window.positions).subtracting([0])
    var factors: [FixedPointFactor] = []
    for count in counts.count == 1 ? counts.sorted() : Array(1...area) {
      factors.append(try FixedPointFactor(x.scale / y.scale / Double(count)))
    }
    return factors
  }

  /// e^(−n · scale), of 2¹⁶, for the 256 differences of integers.
  private static func exponentials(_ x: QuantizationGrid) -> [Int32] {
    let logits = (0..<256).map { Float(-Double($0) * x.scale) }
    return logits.map { logit in
      // e^a : 1 are the shares of two logits a and 0.
      let shares = Softmax.probabilities([logit, 0])
      return Int32((Double(shares[0]) / Double(shares[1]) * 0x1p16).rounded())
    }
  }
}
