import NeuralNetwork

/// The functions, constants and statements that compute a quantized network with integers.
struct QuantizedCProgram {
  /// The functions that the statements call.
  private(set) var functions = CFunctionList()
  /// What they are called with.
  private(set) var constants: [CConstant] = []
  /// One call after the other, each after a comment that names its layers.
  private(set) var statements: [String] = []
  /// The bytes of all tables.
  private(set) var constantBytes = 0
  /// The bytes of the arena.
  var arenaBytes: Int { memory.count }
  /// The most bytes of code, with the windows and what goes with sums.
  var codeBytes: Int {
    functions.functions.reduce(64) { $0 + $1.codeBytes } + callCount * 112
  }
  private var callCount = 0
  private let network: QuantizedNetwork
  private let memory: QuantizedCMemory
  private let prefix: CIdentifier
  private var names: CNames

  /// States a network with names that begin with `prefix`.
  init(_ network: QuantizedNetwork, prefix: CIdentifier) {
    self.network = network
    self.prefix = prefix
    let steps = QuantizedCStep.all(of: network)
    memory = QuantizedCMemory(network, steps)
    names = CNames(prefix, taken: CFunction.integers.map(\.name) + CFile.takenNames)
    let shape = network.activations[0].shape
    statements.append("/* image: \(CFile.extents(shape)) */")
    call(.pixels, ["\(shape.count)", "image", pointer(0)])
    for step in steps {
      let from = CFile.extents(network.activations[step.inputs[0]].shape)
      let to = CFile.extents(network.activations[step.output].shape)
      let title = CSource.comment(step.layers.joined(separator: ", "))
      statements.append("/* \(title): \(from) -> \(to) */")
      add(step)
    }
    let output = network.activations[network.outputActivation]
    guard !output.isWide else { return }
    let sizes = ["\(output.shape.count)", "\(output.grid.zero)", scale]
    call(.integerScores, sizes + [pointer(network.outputActivation), "scores"])
  }

  private mutating func call(_ function: CFunction, _ arguments: [String]) {
    functions.add(function)
    callCount += 1
    statements.append(CSource.call("\(prefix.text)_\(function.name)", arguments))
  }

  private var scale: String { CSource.literal(network.outputScale) }

  private mutating func add(_ step: QuantizedCStep) {
    let inputs = step.inputs.map { network.activations[$0] }, x = inputs[0]
    let output = network.activations[step.output]
    let xs = step.inputs.map { pointer($0) }
    let y = output.isWide ? "scores" : pointer(step.output)
    let count = output.shape.count, channels = output.shape.array.last ?? 1
    let rows = ["\(count / channels)", "\(channels)"]
    let zeros = ["\(x.grid.zero)", "\(output.grid.zero)"]
    let layer = step.layers[0]
    switch step.operation {
    case .weightedSum(let sum):
      let numbers = [sums(sum, x.grid, output.grid, layer)]
      let window = [structure(sum.window, layer, "window")]
      if let pool = step.pool {
        let windows = window + [structure(pool, layer, "pool")]
        call(.integerConvolutionMaximum, windows + numbers + [xs[0], y])
      } else if output.isWide {
        call(.integerConvolutionScores, window + numbers + [scale, xs[0], y])
      } else {
        call(.integerConvolution, window + numbers + [xs[0], y])
      }
    case .table(let values):
      call(.integerTable, ["\(count)", table(values, layer, "table"), xs[0], y])
    case .slopes(let above, let below):
      let sizes = ["\(count / below.count)", "\(below.count)"] + zeros
      call(.integerSlopes, sizes + numbers(above) + tables(below, layer, "slopes") + [xs[0], y])
    case .maxPooling(let window):
      call(.integerMaximum, [structure(window, layer, "window"), zeros[1], xs[0], y])
    case .averagePooling(let window, let factors):
      let window = [structure(window, layer, "window"), "\(factors.count)"]
      call(.integerMean, window + tables(factors, layer, "factors") + zeros + [xs[0], y])
    case .padding(let margins):
      let sides = [margins.top, margins.bottom, margins.left, margins.right]
      let extents = (x.shape.array + sides).map(String.init)
      call(.integerZeroPadding, extents + [zeros[0], xs[0], y])
    case .upSampling(let size):
      let extents = (x.shape.array + [size.height, size.width]).map(String.init)
      call(.integerUpSampling, extents + [xs[0], y])
    case .sum(let a, let b, let range):
      let other = inputs[1].grid
      let factors = [zeros[0], "\(a.multiplier)", "\(other.zero)", "\(b.multiplier)", "\(a.shift)"]
      let bounds = [zeros[1], "\(range.lowerBound)", "\(range.upperBound)"]
      call(.integerAdd, ["\(count)"] + factors + bounds + xs + [y])
    case .product(let factor):
      let columns = inputs[1].shape.count
      let sizes = [
        "\(count / columns)", "\(columns)", zeros[0], "\(inputs[1].grid.zero)", zeros[1],
      ]
      call(.integerMultiply, sizes + numbers(factor) + xs + [y])
    case .concatenation(let factors):
      var start = 0
      for (number, input) in inputs.enumerated() {
        let columns = input.shape.array.last ?? 1
        let sizes = [rows[0], "\(columns)", rows[1], "\(input.grid.zero)", zeros[1]]
        let to = start == 0 ? y : "\(y) + \(start)"
        call(.integerColumns, sizes + numbers(factors[number]) + [xs[number], to])
        start += columns
      }
    case .softmax(let exponentials):
      let table = table(exponentials, layer, "exponentials")
      if output.isWide {
        call(.integerSoftmaxScores, rows + [table, scale, xs[0], y])
      } else {
        call(.integerSoftmax, rows + [table, xs[0], y])
      }
    }
  }

  private func pointer(_ activation: Int) -> String {
    guard let offset = memory.offsets[activation] else {
      preconditionFailure("activation \(activation) is read that nothing keeps")
    }
    return offset == 0 ? "arena" : "arena + \(offset)"
  }

  private func numbers(_ factor: FixedPointFactor) -> [String] {
    ["\(factor.multiplier)", "\(factor.shift)"]
  }

  /// Adds a table and gives its name.
  private mutating func table<Value: FixedWidthInteger>(
    _ values: [Value], _ layer: String, _ part: String
  ) -> String {
    let table = CTable(names.make(layer, part), values)
    constants.append(.table(table))
    constantBytes += table.bytes
    return table.name
  }

  private mutating func tables(
    _ factors: [FixedPointFactor], _ layer: String, _ part: String
  ) -> [String] {
    [
      table(factors.map(\.multiplier), layer, part),
      table(factors.map { UInt8($0.shift) }, layer, "\(part)_shifts"),
    ]
  }

  /// Adds a window and gives its address.
  private mutating func structure(_ window: SlidingWindow, _ layer: String, _ part: String)
    -> String
  {
    let name = names.make(layer, part)
    let numbers = CSource.wrapped(window.numbers.map(String.init), indent: "  ")
    constants.append(.text("static const \(prefix.text)_window \(name) = {\n\(numbers)};"))
    return "&\(name)"
  }

  /// Adds weights with all that belongs to them and gives its address.
  private mutating func sums(
    _ sum: QuantizedSum, _ input: QuantizationGrid, _ output: QuantizationGrid, _ layer: String
  ) -> String {
    let tables =
      [table(sum.weights, layer, "weights"), table(sum.bias, layer, "bias")]
      + tables(sum.factors, layer, "factors")
    let numbers = [input.zero, output.zero, sum.range.lowerBound, sum.range.upperBound]
    let name = names.make(layer, "sums")
    let values = CSource.wrapped(tables + numbers.map { "\($0)" }, indent: "  ")
    constants.append(.text("static const \(prefix.text)_sums \(name) = {\n\(values)};"))
    return "&\(name)"
  }
}
