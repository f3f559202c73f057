import Platform

/// One training step for a whole network: an optimizer, the regularization, and the bound on the
/// gradient.
public struct UpdateRule: Sendable {
  /// The rule that turns the gradient into a step.
  public var optimizer: any Optimizer
  /// L2 regularization: half of this times the sum of the squared weights is added to the loss; not
  /// for biases or batch normalization.
  public var l2: Float
  /// L1 regularization: this times the sum of the weights' magnitudes is added to the loss; for the
  /// same variables.
  public var l1: Float
  /// Decoupled weight decay, for the same variables.
  public var weightDecay: Float
  /// The largest norm the whole gradient may have; a longer one is scaled down to it.
  public var clipNorm: Float?

  /// Creates the rule; see the properties.
  public init(
    _ optimizer: any Optimizer, l2: Float = 0, l1: Float = 0, weightDecay: Float? = nil,
    clipNorm: Float? = nil
  ) {
    self.optimizer = optimizer
    self.l2 = l2
    self.l1 = l1
    self.weightDecay = weightDecay ?? optimizer.defaultWeightDecay
    self.clipNorm = clipNorm
  }

  /// Makes one step: updates the trained variables and the state in place. State, plan and gradient
  /// are those of the network, and the state is one of this rule's ``optimizer``.
  ///
  /// Each segment of the flat arrays is one task, so the result is the same on any number of
  /// threads.
  package func apply(
    gradient: Tensor, norm: Double, rate: Float, to network: inout Network,
    state: inout OptimizerState, plan: UpdatePlan, pool: ThreadPool
  ) {
    let trained = network.layout.trainedCount
    require(
      plan.count == trained && gradient.count == trained,
      "a plan for \(plan.count) trained floats and a gradient of \(gradient.count); the network has"
        + " \(trained)")
    let wanted = optimizer.slots.count
    require(
      state.slots.count == wanted && state.slots.allSatisfy { $0.count == trained },
      "\(optimizer.kind) remembers \(wanted) slots of \(trained) floats; the state has"
        + " \(state.slots.map(\.count))")
    state.step += 1
    let step = state.step
    var gradientScale: Float = 1
    if let clipNorm, norm > Double(clipNorm) { gradientScale = Float(Double(clipNorm) / norm) }
    let weights = network.variables.mutablePointer()
    let slots = (
      state.slots.isEmpty ? nil : state.slots[0].mutablePointer(),
      state.slots.count < 2 ? nil : state.slots[1].mutablePointer()
    )
    pool.run(
      plan.segments.count,
      with: (
        rule: self, plan: plan, rate: rate, step: step, scale: gradientScale,
        gradient: gradient.pointer, weights: weights, slots: slots
      )
    ) { context, _, task in
      context.rule.update(
        context.plan.segments[task], rate: context.rate, step: context.step,
        gradientScale: context.scale, gradient: context.gradient, weights: context.weights,
        slots: context.slots)
    }
  }

  private func update(
    _ segment: UpdatePlan.Segment, rate: Float, step: Int, gradientScale: Float,
    gradient: UnsafePointer<Float>, weights: UnsafeMutablePointer<Float>,
    slots: (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?)
  ) {
    let start = segment.range.lowerBound
    optimizer.update(
      UpdateSegment(
        count: segment.range.count, rate: rate, step: step, gradientScale: gradientScale,
        l2: segment.decays ? l2 : 0, l1: segment.decays ? l1 : 0,
        decay: segment.decays ? weightDecay : 0,
        gradient: gradient + start, weights: weights + start,
        slots: (slots.0.map { $0 + start }, slots.1.map { $0 + start })))
  }
}

/// How the trained variables are cut into tasks: by variable, and long ones by length.
public struct UpdatePlan: Sendable {
  struct Segment: Sendable {
    let range: Range<Int>
    let decays: Bool
  }

  let segments: [Segment]
  /// The floats that are trained, gaps included.
  let count: Int
  /// The floats of a long segment: 64 KiB, so that its weights, gradient and slots fit a core's own
  /// cache.
  static let length = 1 << 14

  /// Cuts the trained variables of a network, but for those in some ranges of the flat arrays.
  package init(_ network: Network, leavingOut foreign: [Range<Int>] = []) {
    count = network.layout.trainedCount
    segments = network.layout.entries.filter { $0.isTrained }.flatMap { entry in
      stride(from: entry.offset, to: entry.range.upperBound, by: Self.length).flatMap { start in
        let whole = start..<min(start + Self.length, entry.range.upperBound)
        return foreign.reduce([whole]) { ranges, hole in ranges.flatMap { $0.without(hole) } }
          .map { Segment(range: $0, decays: entry.variable.role == .weight) }
      }
    }
  }
}

extension Range<Int> {
  /// What is before a range and what is after it, where that is not empty.
  fileprivate func without(_ hole: Range<Int>) -> [Range<Int>] {
    guard overlaps(hole) else { return [self] }
    return [
      lowerBound..<Swift.max(lowerBound, hole.lowerBound),
      Swift.min(upperBound, hole.upperBound)..<upperBound,
    ].filter { !$0.isEmpty }
  }
}
