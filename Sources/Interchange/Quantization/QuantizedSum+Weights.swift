import NeuralNetwork

extension QuantizedSum {
  /// The largest 32-bit integer that a final sum becomes: a float holds all integers up to here.
  private static let wideReach = 0x1p23

  /// Rounds the weights of each output to 255 steps of a scale of its own.
  ///
  /// - Parameters:
  ///   - output: the grid of the output; `nil` where it is the network's and has 32 bits.
  ///   - bounds: between what its numbers are cut.
  /// - Returns: the sums, and the grid of their output.
  /// - Throws: a `ModelError` where a weight is not finite, or a sum might not fit 32 bits.
  static func quantizing(
    _ sum: WeightedSum, input: QuantizationGrid, output: QuantizationGrid?,
    bounds: ClosedRange<Double>?
  ) throws(ModelError) -> (QuantizedSum, QuantizationGrid) {
    var weights: [Int8] = [], bias: [Int32] = []
    var scales: [Double] = [], largest: [Int64] = []
    for (number, offset) in sum.bias.enumerated() {
      let row = try QuantizedRow(sum.weights(of: number), bias: offset, input: input)
      weights += row.weights
      bias.append(row.bias)
      scales.append(row.scale)
      largest.append(row.largestSum(over: input))
    }
    if let worst = largest.max(), worst > Int32.max {
      throw ModelError("its sums of integers may reach \(worst); expected at most \(Int32.max)")
    }
    let reach = zip(scales, largest).map { $0 * Double($1) }.max() ?? 0
    // A float, so that a score is one product of floats; 0 where all weights are.
    let unit = Float(reach / wideReach)
    let grid = output ?? QuantizationGrid(scale: unit > 0 ? Double(unit) : 1, zero: 0)
    var factors: [FixedPointFactor] = []
    for scale in scales { factors.append(try FixedPointFactor(scale / grid.scale)) }
    return (
      QuantizedSum(
        window: sum.window, weights: weights, wideWeights: weights.map(Int16.init), bias: bias,
        factors: factors,
        range: grid.range(bounds, isWide: output == nil), largestSums: largest), grid
    )
  }
}

/// The weights of one output.
private struct QuantizedRow {
  let weights: [Int8]
  let bias: Int32
  /// What 1 stands for in a sum of products.
  let scale: Double

  init(_ weights: [Double], bias: Double, input: QuantizationGrid) throws(ModelError) {
    let largest = weights.reduce(0) { max($0, $1.magnitude) }
    guard largest.isFinite, bias.isFinite, weights.allSatisfy(\.isFinite) else {
      throw ModelError("its weights are not all finite")
    }
    // A bias far above all weights asks for larger steps, so that it fits 30 bits.
    let step = max(largest / 127, bias.magnitude / (input.scale * 0x1p29))
    let weight = step > 0 ? step : 1
    scale = input.scale * weight
    guard scale > 0, scale.isFinite else {
      throw ModelError("its weights are too small or too large: up to \(largest)")
    }
    self.weights = weights.map { Int8(($0 / weight).rounded()) }
    self.bias = Int32((bias / scale).rounded())
  }

  /// How far a sum, or part of one, can be from 0.
  func largestSum(over input: QuantizationGrid) -> Int64 {
    weights.reduce(Int64(bias.magnitude)) { $0 + Int64($1.magnitude) * input.reach }
  }
}

extension QuantizationGrid {
  /// The integers between bounds: of 8 bits, or of 32 where that much is kept.
  func range(_ bounds: ClosedRange<Double>?, isWide: Bool = false) -> ClosedRange<Int32> {
    let all = isWide ? -(1 << 24)...1 << 24 : Self.integers
    guard let bounds else { return all }
    func cut(_ bound: Double) -> Int32 {
      let place = (bound / scale).rounded() + Double(zero)
      return Int32(min(max(place, Double(all.lowerBound)), Double(all.upperBound)))
    }
    return cut(bounds.lowerBound)...cut(bounds.upperBound)
  }
}
