import CKernels
import Platform

/// The exponential moving average of a network's variables (Polyak and Juditsky 1992, "Acceleration
/// of stochastic approximation by averaging"): smoother than the variables of any single step.
package enum WeightAverage {
  /// Moves an average by one step towards a network's variables, running statistics included.
  ///
  /// The average keeps min(decay, (1 + step) / (10 + step)) of itself, so that the random weights of
  /// the start are soon forgotten: it spans about a ninth of the steps made until that is more than
  /// 1 / (1 - decay) steps, which happens at about step 9 / (1 - decay).
  ///
  /// - Parameters:
  ///   - average: as long as the variables, updated in place; left alone where `nil`.
  ///   - decay: the share of itself that the average keeps in the long run, 0 to below 1.
  ///   - step: the steps made so far.
  package static func update(
    _ average: inout Tensor?, of network: Network, decay: Float, step: Int, pool: ThreadPool
  ) {
    let kept = min(Double(decay), Double(1 + step) / Double(10 + step))
    let count = network.layout.count
    guard let target = average?.mutablePointer() else { return }
    require(
      average?.count == count,
      "an average of \(average?.count ?? 0) floats for \(count) floats of variables")
    pool.run(
      (count + UpdatePlan.length - 1) / UpdatePlan.length,
      with: (count, Float(1 - kept), network.variables.pointer, target)
    ) { context, _, task in
      let (count, share, variables, average) = context
      let start = task * UpdatePlan.length
      mc_blend(min(UpdatePlan.length, count - start), share, variables + start, average + start)
    }
  }
}
