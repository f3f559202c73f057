import Platform

/// Checks the gradients of every layer of a model where it stands there: with the shapes, the settings and
/// the variables it has, on the input that the layers before it give.
///
/// Each layer is compared by itself with differences of its own forward pass, so that a mistake is blamed on
/// the layer that makes it. Some numbers of its input and of each of its variables are moved, up and down;
/// ``GradientChecker`` moves all of them, through the whole of a small network. The passes are those of
/// training: dropout drops, the same units each time, and batch normalization uses the batch's statistics.
///
/// Where a ReLU or a maximum changes sides within the step, differences are no derivative. The step is made
/// smaller until they are, and where the kink is too near for that, another number is taken.
///
/// ```swift
/// let network = try Network(ModelFile(contentsOf: "Models/lenet5.yaml").spec, seed: 1)
/// for check in ModelGradientChecker().check(network) { print(check.layer, check.verdict) }
/// ```
public struct ModelGradientChecker: Sendable {
  /// How many numbers of each input and variable are compared; `nil` for all.
  public var samples: Int?
  /// The largest difference that counts as none, as a share of the largest derivative that was compared.
  ///
  /// Rounding in single precision adds to right ones; an allowance for it, which follows from the outputs that
  /// a number reaches, comes on top.
  public var tolerance: Double
  /// Decides the input of the model, which numbers are compared, and what random layers draw.
  public var seed: UInt64

  /// The images that pass through the model: a batch normalization of vectors needs several.
  private static let batch = 4
  /// How many numbers are tried for each one that is to be compared.
  private static let attempts = 4

  /// Creates a checker.
  public init(samples: Int? = 30, tolerance: Double = 4e-3, seed: UInt64 = 1) {
    require(samples ?? 1 >= 1, "expected at least one number to compare, not \(samples ?? 0)")
    (self.samples, self.tolerance, self.seed) = (samples, tolerance, seed)
  }

  /// Checks every layer, first to last.
  ///
  /// Images of random numbers from 0 to 1 pass through the network. Variables that hold one number all over,
  /// as biases and scales of an untrained model do, are set to others first, since 0 and 1 hide mistakes.
  /// Takes two passes of a layer for each number that is compared, on one thread.
  ///
  /// - Parameter found: called with each layer as soon as it is checked.
  public func check(
    _ network: Network, found: (LayerGradientCheck) -> Void = { _ in }
  ) -> [LayerGradientCheck] {
    var random = CounterRandom(seed: seed, .test)
    let network = network.withoutConstants(using: &random)
    let pixels = (0..<Self.batch * network.inputShape.count).map { _ in random.uniform() }
    let draw = Mode.Draw(
      seed: seed, epoch: 0, samples: (0..<Int32(Self.batch)).map { $0 })
    var whole = Probe(network, batch: Self.batch)
    _ = whole.forward(
      Tensor(samples: Self.batch, shape: network.inputShape, values: pixels),
      mode: .training(draw))
    return network.nodes.indices.map { number in
      let inputs = network.nodes[number].inputs.map { whole.workspace.activations[$0] }
      let check = self.check(
        Network(node: number, of: network), inputs, mode: .training(draw),
        CounterRandom(seed: seed, .test, number + 1))
      found(check)
      return check
    }
  }

  /// Checks a network of one layer.
  private func check(
    _ network: Network, _ inputs: [Tensor], mode: Mode, _ random: CounterRandom
  ) -> LayerGradientCheck {
    var random = random
    let node = network.nodes[0]
    let count = Self.batch * node.outputShape.count
    let weights = Tensor(
      samples: Self.batch, shape: node.outputShape,
      values: (0..<count).map { _ in random.uniform(-1, 1) })
    var slopes = LayerSlopes(network, inputs, outputWeights: weights, mode: mode)
    let faults = GradientChecker(mode: mode).faultsOfASecondPass(
      after: slopes.probe, inputs, weights, slopes.variableGradients)
    var parts = inputs.indices.map { input in
      let name = inputs.count == 1 ? "input" : "input \(input + 1)"
      return compare(name, slopes.inputGradients[input], &slopes, .input(input), &random)
    }
    let trained = network.layout.entries.filter { $0.isTrained }
    for (entry, gradient) in zip(trained, slopes.variableGradients) {
      parts.append(
        compare(entry.variable.name, gradient, &slopes, .variable(entry.offset), &random))
    }
    return LayerGradientCheck(layer: node.name, kind: node.kind, parts: parts, faults: faults)
  }

  private func compare(
    _ name: String, _ backward: [Float], _ slopes: inout LayerSlopes, _ array: LayerSlopes.Array,
    _ random: inout CounterRandom
  ) -> LayerGradientCheck.Part {
    var part = LayerGradientCheck.Part(name, count: backward.count)
    let wanted = min(samples ?? backward.count, backward.count)
    let places = self.places(backward, random)
    _ = random.next()
    let step = slopes.step(array, count: backward.count)
    let unit = places.prefix(wanted).reduce(0) { unit, place in
      let central = slopes.slope(array, place, step: step).central
      return [Double(backward[place]), central].reduce(unit) {
        $1.isFinite ? max($0, abs($1)) : $0
      }
    }
    for place in places {
      guard part.compared < wanted else { break }
      let judge = SlopeJudge(
        backward: Double(backward[place]), unit: unit, tolerance: tolerance)
      switch judge.judge(from: step, { slopes.slope(array, place, step: $0) }) {
      case .kink: part.steppedRound += 1
      case .right(let difference):
        part.compared += 1
        part.difference = max(part.difference, difference)
      case .wrong(let difference, let slope):
        part.compared += 1
        part.add(
          LayerGradientCheck.Disagreement(
            place: place, backward: judge.backward, differences: slope, count: 1),
          difference: difference)
      }
    }
    return part
  }

  /// The places that are tried, in order.
  ///
  /// Where most derivatives are 0, as before a pooling or behind a ReLU, random places tell little: every
  /// second one is a place where backward gives another number.
  private func places(_ backward: [Float], _ random: CounterRandom) -> [Int] {
    guard let samples, samples < backward.count else { return Swift.Array(backward.indices) }
    let order = CounterRandom.permutation(backward.count, using: random).map { Int($0) }
    let telling = order.filter { backward[$0] != 0 }
    let most = min(samples, backward.count / Self.attempts) * Self.attempts
    var (places, used) = ([Int](), Set<Int>())
    for turn in 0..<most {
      for list in [telling, order] where turn < list.count && places.count < most {
        if used.insert(list[turn]).inserted { places.append(list[turn]) }
      }
    }
    return places
  }
}

extension LayerGradientCheck.Part {
  /// Keeps the worst of several disagreements.
  fileprivate mutating func add(
    _ other: LayerGradientCheck.Disagreement, difference: Double
  ) {
    let count = (disagreement?.count ?? 0) + 1
    // What is not a number is worse than any.
    let isWorse = !self.difference.isNaN && !(difference <= self.difference)
    if disagreement == nil || isWorse { disagreement = other }
    if isWorse { self.difference = difference }
    disagreement?.count = count
  }
}

extension Network {
  /// The same with other numbers in the variables that hold one number all over.
  fileprivate func withoutConstants(using random: inout CounterRandom) -> Network {
    var copy = self
    for entry in layout.entries where !entry.variable.isCount {
      let values = values(of: entry)
      guard let first = values.first, values.allSatisfy({ $0 == first }) else { continue }
      copy.setValues(values.map { $0 + random.uniform(0.1, 0.4) }, of: entry)
    }
    return copy
  }
}
