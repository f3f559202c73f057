import ImageData
import NeuralNetwork
import Platform

/// What it costs to compute one step of a network with integers, and all others with floats.
public struct LayerCost: Sendable {
  /// The layer's name.
  public let layer: String
  /// How many of the images get another class than with floats alone.
  public fileprivate(set) var changed = 0
  /// The mean square of what the outputs change by.
  public fileprivate(set) var squaredError = 0.0
  /// What ``squaredError`` is of: the network's outputs, added up over images.
  fileprivate var sum = 0.0
}

extension QuantizedNetwork {
  /// Images that are computed at once.
  private static let batch = 16

  /// What each step costs alone, in their order. Takes about half as many passes through the network as there are
  /// steps.
  public func layerCosts(
    _ images: ImageSet, _ numbers: [Int32], threads: Int? = nil
  ) -> [LayerCost] {
    let pool = ThreadPool(threads: threads), batch = Self.batch
    let chunks = (numbers.count + batch - 1) / batch
    var parts = [[LayerCost]](repeating: [], count: chunks)
    var probes = (0..<pool.threads).map { _ in NodeProbes(model.network, batch: batch) }
    probes.withUnsafeMutableBufferPointer { probes in
      parts.withUnsafeMutableBufferPointer { parts in
        pool.run(chunks) { worker, task in
          let part = numbers[task * batch..<min((task + 1) * batch, numbers.count)]
          parts[task] = costs(
            images.pixelBatch(Array(part), shape: model.network.inputShape), &probes[worker])
        }
      }
    }
    let outputs = Double(max(1, numbers.count * model.network.outputShape.count))
    return steps.indices.map { step in
      var cost = LayerCost(layer: steps[step].name)
      // In the order of the chunks, so that the sum depends on no thread.
      for part in parts {
        cost.changed += part[step].changed
        cost.sum += part[step].sum
      }
      cost.squaredError = cost.sum / outputs
      return cost
    }
  }

  private func costs(_ x: Tensor, _ probes: inout NodeProbes) -> [LayerCost] {
    let exact = probes.activations(x)
    let outputs = exact[exact.count - 1].values
    let width = outputs.count / x.samples
    return zip(steps, origins).map { step, origin in
      var activations = exact
      activations[origin.lastNode + 1] = rounded(
        step, origin.inputs.map { exact[$0] }, shape: exact[origin.lastNode + 1].shape)
      probes.renew(&activations, from: origin.lastNode + 1)
      let changed = activations[activations.count - 1].values
      var cost = LayerCost(layer: step.name)
      for (a, b) in zip(outputs, changed) { cost.sum += Double(a - b) * Double(a - b) }
      for start in stride(from: 0, to: outputs.count, by: width) {
        let own = start..<start + width
        if Self.largest(outputs[own]) != Self.largest(changed[own]) { cost.changed += 1 }
      }
      return cost
    }
  }

  /// What a step makes, with integers, of floats that are rounded to its grids.
  private func rounded(_ step: QuantizedStep, _ inputs: [Tensor], shape: Shape) -> Tensor {
    let grid = activations[step.output].grid
    let grids = step.inputs.map { activations[$0].grid }
    let values = inputs.map(\.values)
    let samples = inputs[0].samples
    let results = (0..<samples).flatMap { sample -> [Float] in
      let integers = zip(values, grids).map { values, grid in
        let size = values.count / samples
        return values[sample * size..<(sample + 1) * size].map { grid.integer(for: Double($0)) }
      }
      return output(of: step, integers).map { Float(grid.number(for: $0)) }
    }
    return Tensor(samples: samples, shape: shape, values: results)
  }

  private static func largest(_ numbers: ArraySlice<Float>) -> Int {
    numbers.indices.reduce(numbers.startIndex) { numbers[$1] > numbers[$0] ? $1 : $0 }
      - numbers.startIndex
  }
}
