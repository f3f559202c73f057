import NeuralNetwork

/// The steps that compute a network outside of training, as few as there can be.
///
/// Layers that change nothing are left out. A normalization or rescaling becomes part of the weights before it, or
/// else of those behind it where no padding lies between; ReLU and ReLU6 become bounds of the sum before them.
struct FoldedNetwork {
  let network: Network
  private(set) var steps: [FoldedStep] = []
  /// Which activation holds the numbers of each activation of the network.
  private let sources: [Int]
  /// How many steps, or the output, read such an activation.
  private let readers: [Int]
  /// What is still to be done to activations, by the weights that read them.
  private var pending: [Int: (input: Int, scaling: ChannelScaling)] = [:]

  /// The activation that holds the outputs.
  var output: Int { sources[sources.count - 1] }

  /// - Throws: a `ModelError` that names the first layer that has no integer form.
  init(_ network: Network) throws(ModelError) {
    self.network = network
    var sources = Array(network.activationShapes.indices)
    for node in network.nodes where Self.changesNothing(node) {
      sources[node.output] = sources[node.input]
    }
    var readers = [Int](repeating: 0, count: sources.count)
    for node in network.nodes where !Self.changesNothing(node) {
      for input in node.inputs { readers[sources[input]] += 1 }
    }
    readers[sources[sources.count - 1]] += 1
    (self.sources, self.readers) = (sources, readers)
    for (number, node) in network.nodes.enumerated() where !Self.changesNothing(node) {
      do {
        try append(node, number)
      } catch {
        throw error.at("layer \(node.name)")
      }
    }
    guard !steps.isEmpty else {
      throw ModelError("layers: expected at least one that computes something, found none")
    }
  }

  private static func changesNothing(_ node: Node) -> Bool {
    node.layer?.isIdentity(training: false) == true
  }

  private mutating func append(_ node: Node, _ number: Int) throws(ModelError) {
    let shape = network.activationShapes[node.input]
    switch node.spec {
    case let spec as Conv2D:
      sum(
        node, number,
        SlidingWindow(
          shape, node.outputShape, kernel: spec.kernel, stride: spec.stride,
          dilation: spec.dilation, padding: spec.padding, groups: spec.groups))
    case let spec as DepthwiseConv2D:
      sum(
        node, number,
        SlidingWindow(
          shape, node.outputShape, kernel: spec.kernel, stride: spec.stride,
          dilation: spec.dilation, padding: spec.padding, groups: shape[2]))
    case let spec as Dense:
      sum(node, number, SlidingWindow(vector: shape.count, into: spec.units))
    case let spec as BatchNorm: scale(node, number, by: scaling(node, spec))
    case is Normalization: scale(node, number, by: normalization(node))
    case let spec as Rescaling:
      scale(
        node, number,
        by: ChannelScaling(factors: [Double(spec.scale)], offsets: [Double(spec.offset)]))
    case is ReLU: rectify(node, number, 0...(.infinity), ReLU())
    case is ReLU6: rectify(node, number, 0...6, ReLU6())
    case is PReLU: put(node, number, .slopes(values(node, "alpha")))
    case let spec as any ActivationSpec: put(node, number, .function(spec))
    case is Softmax: put(node, number, .softmax)
    case let spec as MaxPool2D:
      put(
        node, number,
        .maxPooling(
          SlidingWindow(
            shape, node.outputShape, kernel: spec.window, stride: spec.stride ?? spec.window,
            padding: spec.padding)))
    case let spec as AvgPool2D:
      put(
        node, number,
        .averagePooling(
          SlidingWindow(
            shape, node.outputShape, kernel: spec.window, stride: spec.stride ?? spec.window,
            padding: spec.padding)))
    case is GlobalMaxPool2D: put(node, number, .maxPooling(SlidingWindow(whole: shape)))
    case is GlobalAvgPool2D: put(node, number, .averagePooling(SlidingWindow(whole: shape)))
    case let spec as ZeroPadding2D: put(node, number, .padding(spec.padding))
    case let spec as UpSampling2D where spec.interpolation == .nearest:
      put(node, number, .upSampling(spec.size))
    case nil where node.kind == "add": put(node, number, .sum)
    case nil where node.kind == "multiply": put(node, number, .product)
    case nil where node.kind == "concatenate": put(node, number, .concatenation)
    default: throw ModelError("\(node.kind) with these settings has no form in integers")
    }
  }

  private mutating func put(_ node: Node, _ number: Int, _ operation: FoldedStep.Operation) {
    steps.append(
      FoldedStep(
        name: node.name, operation: operation, inputs: node.inputs.map { sources[$0] },
        output: node.output, lastNode: number))
  }

  private mutating func sum(_ node: Node, _ number: Int, _ window: SlidingWindow) {
    var sum = WeightedSum(
      window, kernel: values(node, "kernel"), bias: network.values(of: node.name, "bias"))
    let source = sources[node.input]
    let before = pending[source]
    if let before { sum.precede(with: before.scaling) }
    put(node, number, .weightedSum(sum))
    if let before { steps[steps.count - 1].inputs = [before.input] }
  }

  /// The step that wrote an activation, if nothing else reads that.
  private func writer(of activation: Int) -> Int? {
    readers[activation] == 1 ? steps.firstIndex { $0.output == activation } : nil
  }

  private mutating func extend(_ step: Int, to node: Node, _ number: Int) {
    steps[step].output = node.output
    steps[step].lastNode = number
  }

  private mutating func rectify(
    _ node: Node, _ number: Int, _ bounds: ClosedRange<Double>, _ function: any ActivationSpec
  ) {
    guard let step = writer(of: sources[node.input]), steps[step].takesBounds else {
      return put(node, number, .function(function))
    }
    steps[step].bounds = bounds
    extend(step, to: node, number)
  }

  private mutating func scale(_ node: Node, _ number: Int, by scaling: ChannelScaling) {
    let source = sources[node.input]
    if let step = writer(of: source), steps[step].bounds == nil,
      case .weightedSum(var sum) = steps[step].operation,
      scaling.channels == 1 || scaling.channels == sum.window.output.channels
    {
      sum.follow(with: scaling)
      steps[step].operation = .weightedSum(sum)
      extend(step, to: node, number)
    } else if isReadByWeightsAlone(node.output, scaling) {
      pending[node.output] = (source, scaling)
    } else {
      let sum = WeightedSum(scaling, of: network.activationShapes[node.input])
      put(node, number, .weightedSum(sum))
    }
  }

  /// Whether one layer reads an activation, which sums with weights that can be scaled so, and adds no padding.
  private func isReadByWeightsAlone(_ activation: Int, _ scaling: ChannelScaling) -> Bool {
    guard readers[activation] == 1,
      let reader = network.nodes.first(where: {
        !Self.changesNothing($0) && $0.inputs.contains { sources[$0] == activation }
      })
    else { return false }
    let shape = network.activationShapes[reader.input]
    // Between the two the numbers may have been given another shape.
    let agrees = scaling.channels == 1 || scaling.channels == shape.array.last
    switch reader.spec {
    case is Dense: return true
    case let spec as Conv2D:
      return agrees
        && !SlidingWindow(
          shape, reader.outputShape, kernel: spec.kernel, stride: spec.stride,
          dilation: spec.dilation, padding: spec.padding
        ).hasPadding
    case let spec as DepthwiseConv2D:
      return agrees
        && !SlidingWindow(
          shape, reader.outputShape, kernel: spec.kernel, stride: spec.stride,
          dilation: spec.dilation, padding: spec.padding
        ).hasPadding
    default: return false
    }
  }

  // MARK: Variables

  private func values(_ node: Node, _ variable: String) -> [Float] {
    network.values(of: node.name, variable) ?? []
  }

  // γ · (x − mean) / √(variance + ε) + β
  private func scaling(_ node: Node, _ spec: BatchNorm) -> ChannelScaling {
    let mean = values(node, "moving_mean"), variance = values(node, "moving_variance")
    let gamma = network.values(of: node.name, "gamma")
    let beta = network.values(of: node.name, "beta")
    let factors = variance.indices.map { c in
      Double(gamma?[c] ?? 1) / (Double(variance[c]) + Double(spec.epsilon)).squareRoot()
    }
    return ChannelScaling(
      factors: factors,
      offsets: mean.indices.map { Double(beta?[$0] ?? 0) - Double(mean[$0]) * factors[$0] })
  }

  // (x − mean) / √variance, with Keras's smallest divisor
  private func normalization(_ node: Node) -> ChannelScaling {
    let factors = values(node, "variance").map { 1 / max(Double($0).squareRoot(), 1e-7) }
    let offsets = zip(values(node, "mean"), factors).map { -Double($0) * $1 }
    return ChannelScaling(factors: factors, offsets: offsets)
  }
}
