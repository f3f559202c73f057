import CKernels
import NeuralNetwork
import Platform

/// Which samples are mixed, and how (Zhang et al. 2017, "mixup: beyond empirical risk minimization").
struct Mixup {
  /// A sample's own share, and the number of the partner that the rest comes from.
  struct Mixture {
    let share: Float
    let partner: Int32
  }

  /// Both parameters of the beta distribution that shares are drawn from: the smaller, the closer
  /// to 0 or 1 they are. Above 0, at most 1.
  let alpha: Float
  /// The numbers of the samples that partners are drawn from.
  let partners: [Int32]
  let seed: UInt64
  let epoch: Int

  /// What happens to a sample.
  func mixture(of number: Int32) -> Mixture {
    var random = CounterRandom(seed: seed, .mixup, epoch, Int(number))
    let partner = partners[random.below(partners.count)]
    // Jöhnk's rejection, which is quick for parameters up to 1. The numbers are above 0.
    let power = 1 / Double(alpha)
    while true {
      let u = 1 - Double(random.uniform())
      let v = 1 - Double(random.uniform())
      let (x, y) = (mc_power(u, power), mc_power(v, power))
      guard x + y <= 1 else { continue }
      // With a small alpha both powers may underflow; their quotient does not.
      let share = x + y > 0 ? x / (x + y) : 1 / (1 + mc_exp(power * (mc_log(v) - mc_log(u))))
      // A mixture counts as having the label of its larger part.
      return Mixture(share: Float(max(share, 1 - share)), partner: partner)
    }
  }
}
