/// The steps of a quantized network as a C file does them: a maximum is taken where its inputs are computed, so that
/// these need not be kept.
struct QuantizedCStep {
  /// The names of the layers it is for.
  let layers: [String]
  /// What it computes.
  let operation: QuantizedOperation
  /// The maximum that is taken of it.
  let pool: SlidingWindow?
  /// The numbers of the activations it reads.
  let inputs: [Int]
  /// The number of the one it writes.
  let output: Int

  /// Whether a number of the output may overwrite that of the first input at the same place.
  var isInPlace: Bool {
    switch operation {
    case .table, .slopes, .sum, .product, .softmax: true
    case .weightedSum, .maxPooling, .averagePooling, .padding, .upSampling, .concatenation: false
    }
  }

  /// The steps of a network.
  static func all(of network: QuantizedNetwork) -> [QuantizedCStep] {
    var steps: [QuantizedCStep] = []
    for step in network.steps {
      if case .maxPooling(let pool) = step.operation, !pool.overlaps, let last = steps.last,
        last.output == step.inputs[0], last.pool == nil,
        network.steps.count(where: { $0.inputs.contains(last.output) }) == 1,
        case .weightedSum = last.operation
      {
        steps[steps.count - 1] = QuantizedCStep(
          layers: last.layers + [step.name], operation: last.operation, pool: pool,
          inputs: last.inputs, output: step.output)
      } else {
        steps.append(
          QuantizedCStep(
            layers: [step.name], operation: step.operation, pool: nil, inputs: step.inputs,
            output: step.output))
      }
    }
    return steps
  }
}

/// Where the activations of a quantized network are in the arena while it runs, in bytes.
struct QuantizedCMemory {
  /// Where each activation begins that is kept there.
  let offsets: [Int: Int]
  /// The bytes of the arena.
  let count: Int

  /// Plans the memory. A step that may work in place does where nobody reads its input after it; what has more than
  /// 8 bits goes to the caller at once.
  init(_ network: QuantizedNetwork, _ steps: [QuantizedCStep]) {
    var lastRead: [Int: Int] = [:]
    for (number, step) in steps.enumerated() {
      for input in step.inputs { lastRead[input] = number }
    }
    var buffers = [0: 0]
    var lives = [
      ArenaPlan.Buffer(size: network.activations[0].shape.count, steps: 0...(lastRead[0] ?? 0))
    ]
    for (number, step) in steps.enumerated() where !network.activations[step.output].isWide {
      let size = network.activations[step.output].shape.count
      let end = max(number, lastRead[step.output] ?? number)
      let isFree = step.isInPlace && lastRead[step.inputs[0]] == number
      if isFree, let buffer = buffers[step.inputs[0]], lives[buffer].size == size {
        lives[buffer] = ArenaPlan.Buffer(size: size, steps: lives[buffer].steps.lowerBound...end)
        buffers[step.output] = buffer
      } else {
        buffers[step.output] = lives.count
        lives.append(ArenaPlan.Buffer(size: size, steps: number...end))
      }
    }
    let plan = ArenaPlan(lives)
    offsets = buffers.mapValues { plan.offsets[$0] }
    count = plan.size
  }
}
