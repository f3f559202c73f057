import ImageData
import NeuralNetwork
import Platform

extension QuantizedNetwork {
  /// The output for an image, `[height, width, channels]`: integers that ``outputScale`` makes the network's numbers of.
  public func output(for pixels: [UInt8]) -> [Int32] {
    require(
      pixels.count == activations[0].shape.count,
      "an image of \(activations[0].shape) has \(activations[0].shape.count) bytes, not \(pixels.count)"
    )
    return integers(pixels.map { Int32($0) - 128 })[outputActivation]
      .map { $0 - activations[outputActivation].grid.zero }
  }

  /// The outputs for the images with these numbers, `[numbers][outputs]`.
  public func outputs(
    _ images: ImageSet, _ numbers: [Int32], threads: Int? = nil
  ) -> [[Int32]] {
    var results = [[Int32]](repeating: [], count: numbers.count)
    results.withUnsafeMutableBufferPointer { results in
      ThreadPool(threads: threads).run(numbers.count) { _, task in
        results[task] = output(for: images.pixelBytes(Int(numbers[task])))
      }
    }
    return results
  }

  /// The network's outputs for an image, up to what the integers cost: ``output(for:)`` times ``outputScale``.
  public func scores(for pixels: [UInt8]) -> [Float] {
    output(for: pixels).map { Float($0) * outputScale }
  }

  /// The same for the images with these numbers, `[numbers][outputs]`.
  public func scores(
    _ images: ImageSet, _ numbers: [Int32], threads: Int? = nil
  ) -> [[Float]] {
    outputs(images, numbers, threads: threads).map { $0.map { Float($0) * outputScale } }
  }

  /// The number of the largest output, the first of equal ones.
  public static func largest(_ output: [Int32]) -> Int {
    output.indices.reduce(0) { output[$1] > output[$0] ? $1 : $0 }
  }

  /// The integers of every activation for an image's.
  private func integers(_ image: [Int32]) -> [[Int32]] {
    var known = [[Int32]](repeating: [], count: activations.count)
    known[0] = image
    for step in steps { known[step.output] = output(of: step, step.inputs.map { known[$0] }) }
    return known
  }

  /// What a step makes of the integers of its inputs.
  func output(of step: QuantizedStep, _ inputs: [[Int32]]) -> [Int32] {
    let x = step.inputs.map { activations[$0] }, y = activations[step.output]
    return switch step.operation {
    case .weightedSum(let sum): sum.output(inputs[0], x[0].grid, y.grid)
    case .table(let table): inputs[0].map { Int32(table[Int($0 + 128)]) }
    case .slopes(let above, let below):
      Elementwise.slopes(inputs[0], x[0].grid, y.grid, above: above, below: below)
    case .maxPooling(let window): Windows.maxima(inputs[0], window, zero: y.grid.zero)
    case .averagePooling(let window, let factors):
      Windows.averages(inputs[0], window, factors, x[0].grid, y.grid)
    case .padding(let margins):
      Windows.padded(inputs[0], margins, x[0].shape, y.shape, zero: x[0].grid.zero)
    case .upSampling(let size): Windows.upSampled(inputs[0], size, x[0].shape, y.shape)
    case .sum(let first, let second, let range):
      Elementwise.sum(inputs, x.map(\.grid), [first, second], y.grid, range)
    case .product(let factor): Elementwise.product(inputs, x.map(\.grid), factor, y.grid)
    case .concatenation(let factors):
      Elementwise.concatenation(
        inputs, x.map(\.grid), widths: x.map { $0.shape.array.last ?? 1 }, factors, y.grid)
    case .softmax(let table):
      Elementwise.softmax(
        inputs[0], width: x[0].shape.array.last ?? 1, table, y.grid, isWide: y.isWide)
    }
  }
}
