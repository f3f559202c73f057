import NeuralNetwork

/// The functions, constants and statements that compute a graph in floats.
struct CProgram {
  /// The functions that the statements call.
  private(set) var functions = CFunctionList()
  /// What they are called with.
  private(set) var constants: [CConstant] = []
  /// One call after the other, each after a comment that names its layers.
  private(set) var statements: [String] = []
  /// The bytes of all tables.
  private(set) var constantBytes = 0
  /// The floats of the arena.
  let arenaCount: Int
  /// The most bytes of code (``CFootprint/codeBytes``): of the functions, the calls, and the windows, whose numbers a
  /// compiler may write into the instructions.
  var codeBytes: Int {
    functions.functions.reduce(64) { $0 + $1.codeBytes } + callCount * 48 + windowCount * 60
  }
  private var callCount = 0, windowCount = 0
  private let graph: CGraph
  private let memory: CMemory
  private var names: CNames

  /// States a graph with names that begin with `prefix`.
  init(_ graph: CGraph, prefix: CIdentifier) {
    self.graph = graph
    memory = CMemory(graph)
    arenaCount = memory.count
    names = CNames(prefix, taken: CFunction.all.map(\.name) + CFile.takenNames)
    for (number, step) in graph.steps.enumerated() { add(step, number, prefix) }
  }

  private mutating func add(_ step: CGraph.Step, _ number: Int, _ prefix: CIdentifier) {
    let shape = graph.shapes[step.output]
    let from = step.inputShapes.first.map { "\(CFile.extents($0)) -> " } ?? ""
    let title = CSource.comment(step.layers.joined(separator: ", "))
    statements.append("/* \(title): \(from)\(CFile.extents(shape)) */")
    for call in calls(step, number) {
      functions.add(call.function)
      callCount += 1
      statements.append(
        CSource.call("\(prefix.text)_\(call.function.name)", call.arguments))
    }
  }

  /// A call with what it is passed.
  private struct Call {
    let function: CFunction
    let arguments: [String]

    init(_ function: CFunction, _ arguments: [String]) {
      (self.function, self.arguments) = (function, arguments)
    }
  }

  private mutating func calls(_ step: CGraph.Step, _ number: Int) -> [Call] {
    let inputs = step.inputs.map { pointer($0) }, y = pointer(step.output)
    let x = inputs.first ?? "image"
    let shape = graph.shapes[step.output], count = shape.count
    let channels = shape.array.last ?? 1, layer = step.layers[0]
    let rows = ["\(count / channels)", "\(channels)"]
    switch step.operation {
    case .image: return [Call(.image, ["\(count)", x, y])]
    case .convolution(let window, let weights, nil):
      return [
        Call(.convolution, [structure(window, layer, "window")] + tables(weights, layer) + [x, y])
      ]
    case .convolution(let window, let weights, let pool?):
      let windows = [structure(window, layer, "window"), structure(pool, layer, "pool")]
      let pixel = arena(memory.scratch[number] ?? 0)
      return [Call(.convolutionMaximum, windows + tables(weights, layer) + [x, pixel, y])]
    case .transposedConvolution(let window, let weights):
      return [
        Call(
          .transposedConvolution,
          [structure(window, layer, "window")] + tables(weights, layer) + [x, y])
      ]
    case .dense(let weights):
      let sizes = ["\(weights.kernel.count / max(count, 1))", "\(count)"]
      return [Call(.dense, sizes + tables(weights, layer) + [x, y])]
    case .maxPool(let window): return [Call(.maximum, [structure(window, layer, "window"), x, y])]
    case .avgPool(let window): return [Call(.mean, [structure(window, layer, "window"), x, y])]
    case .upSampling(let size, let interpolation):
      let extents = step.inputShapes[0].array + [size.height, size.width]
      return [
        Call(
          interpolation == .nearest ? .upSamplingNearest : .upSamplingBilinear,
          extents.map(String.init) + [x, y])
      ]
    case .zeroPadding(let padding):
      let sides = [padding.top, padding.bottom, padding.left, padding.right]
      return [
        Call(.zeroPadding, (step.inputShapes[0].array + sides).map(String.init) + [x, y])
      ]
    case .activation(let activation):
      let (function, numbers) = activation.call
      return [Call(function, ["\(count)"] + numbers.map { CSource.literal($0) } + [x, y])]
    case .prelu(let slopes):
      let sizes = ["\(count / max(slopes.count, 1))", "\(slopes.count)"]
      return [Call(.prelu, sizes + [table(slopes, layer, "slopes"), x, y])]
    case .softmax: return [Call(.softmax, rows + [x, y])]
    case .scaleShift(let scale, let shift):
      let numbers = [table(scale, layer, "scale"), table(shift, layer, "shift")]
      return [Call(.scaleShift, rows + numbers + [x, y])]
    case .groupNorm(let groups, let epsilon, let gamma, let beta):
      let numbers = [
        "\(groups)", CSource.literal(epsilon), table(gamma, layer, "gamma"),
        table(beta, layer, "beta"),
      ]
      return [Call(.groupNorm, rows + numbers + [x, y])]
    case .layerNorm(let columns, let epsilon, let gamma, let beta):
      let numbers = [
        CSource.literal(epsilon), table(gamma, layer, "gamma"), table(beta, layer, "beta"),
      ]
      return [Call(.layerNorm, ["\(count / columns)", "\(columns)"] + numbers + [x, y])]
    case .add: return [Call(.add, ["\(count)"] + inputs + [y])]
    case .multiply:
      let columns = step.inputShapes[1].count
      return [Call(.multiply, ["\(count / columns)", "\(columns)", inputs[1], inputs[0], y])]
    case .concatenate:
      var start = 0
      return zip(step.inputShapes, inputs).map { input, x in
        let columns = input.array.last ?? 1
        defer { start += columns }
        let to = start == 0 ? y : "\(y) + \(start)"
        return Call(.copyColumns, [rows[0], "\(columns)", x, rows[1], to])
      }
    }
  }

  private func pointer(_ value: Int) -> String {
    switch memory.places[value] {
    case .arena(let offset): arena(offset)
    case .scores: "scores"
    case nil: preconditionFailure("a value is read that no step writes")
    }
  }

  private func arena(_ offset: Int) -> String { offset == 0 ? "arena" : "arena + \(offset)" }

  private mutating func tables(_ weights: CWeights, _ layer: String) -> [String] {
    [table(weights.kernel, layer, "kernel"), table(weights.bias, layer, "bias")]
  }

  /// Adds a table and gives its name; the null pointer where there is none.
  private mutating func table(_ values: [Float]?, _ layer: String, _ part: String) -> String {
    guard let values else { return "0" }
    let table = CTable(names.make(layer, part), values)
    constants.append(.table(table))
    constantBytes += table.bytes
    return table.name
  }

  /// Adds a window and gives its address.
  private mutating func structure(_ window: SlidingWindow, _ layer: String, _ part: String)
    -> String
  {
    windowCount += 1
    let name = names.make(layer, part)
    let numbers = CSource.wrapped(window.numbers.map(String.init), indent: "  ")
    constants.append(
      .text("static const \(names.prefix.text)_window \(name) = {\n\(numbers)};"))
    return "&\(name)"
  }
}

extension CActivation {
  /// The function that computes it, and the numbers it is called with.
  fileprivate var call: (CFunction, [Float]) {
    switch self {
    case .relu: (.relu, [])
    case .relu6: (.relu6, [])
    case .leakyReLU(let slope): (.leakyReLU, [slope])
    case .elu(let alpha): (.elu, [alpha])
    case .gelu: (.gelu, [])
    case .silu: (.silu, [])
    case .sigmoid: (.sigmoid, [])
    case .tanh: (.tanh, [])
    case .rescaling(let scale, let offset): (.rescaling, [scale, offset])
    }
  }
}
