import Platform

/// How the learning rate changes while training goes on.
public struct Schedule: Hashable, Sendable {
  /// The course of the rate, as a factor of the one that was set.
  public enum Course: Hashable, Sendable {
    /// 1 throughout.
    case constant
    /// Multiplied by `factor` after every `every` epochs.
    case step(every: Int, factor: Double)
    /// Multiplied by `factor` over each epoch, a little at every step.
    case exponential(factor: Double)
    /// Half a cosine from 1 down to `final`.
    case cosine(final: Double)
    /// Half a cosine from 1 down to `final` over `period` epochs, then again from 1 over `growth`
    /// times as many, and so on (Loshchilov and Hutter 2016, "SGDR: stochastic gradient descent with
    /// warm restarts").
    case cosineRestarts(period: Double, growth: Double, final: Double)
    /// Multiplied by `factor` whenever validation has not improved for `patience` epochs.
    case plateau(factor: Double, patience: Int)
    /// Up from 1/25 to 1 over the first `rise` of the run, then down to 1/250000, both along a
    /// cosine (Smith 2018, "A disciplined approach to neural network hyper-parameters").
    case oneCycle(rise: Double)

    /// Whether the last factor of the schedule's length holds in the epochs behind it.
    public var holdsBehindLength: Bool {
      switch self {
      case .constant, .plateau: false
      case .step, .exponential, .cosine, .cosineRestarts, .oneCycle: true
      }
    }
  }

  /// The course behind the warm-up.
  public var course: Course
  /// Epochs, whole or not, over which the rate first rises linearly from near 0.
  public var warmup: Double

  /// States a schedule.
  public init(_ course: Course = .constant, warmup: Double = 0) {
    self.course = course
    self.warmup = warmup
  }

  /// The factor of the rate at a step.
  ///
  /// - Parameters:
  ///   - step: the step, counted from 0; beyond the last step of the length the last factor holds.
  ///   - stepsPerEpoch: the steps of an epoch.
  ///   - epochs: the length of the run, fixed at its start.
  ///   - history: the finished epochs, which ``Course/plateau(factor:patience:)`` looks at.
  public func factor(
    step: Int, stepsPerEpoch: Int, epochs: Int, history: [EpochRecord] = []
  ) -> Double {
    let total = stepsPerEpoch * epochs
    let step = min(step, total - 1)
    let warmupSteps = min(Int((warmup * Double(stepsPerEpoch)).rounded()), total)
    if step < warmupSteps { return Double(step + 1) / Double(warmupSteps + 1) }
    let position = Double(step - warmupSteps)
    let progress = position / Double(max(total - warmupSteps - 1, 1))
    switch course {
    case .constant: return 1
    case .step(let every, let factor):
      return pow(factor, Double((step - warmupSteps) / (stepsPerEpoch * every)))
    case .exponential(let factor): return pow(factor, position / Double(stepsPerEpoch))
    case .cosine(let final): return Self.arc(from: 1, to: final, progress)
    case .cosineRestarts(let period, let growth, let final):
      let place = Self.place(
        of: position / Double(stepsPerEpoch), period: period, growth: growth)
      return Self.arc(from: 1, to: final, place)
    case .plateau(let factor, let patience):
      return pow(factor, Double(Self.plateaus(history, patience: patience)))
    case .oneCycle(let rise):
      if progress < rise { return Self.arc(from: 1 / 25, to: 1, progress / rise) }
      return Self.arc(from: 1, to: 1 / 250_000, (progress - rise) / (1 - rise))
    }
  }

  /// How far a number of epochs is into the period it falls in, 0 to below 1.
  private static func place(of epochs: Double, period: Double, growth: Double) -> Double {
    // Periods are a geometric series, so the number of those that are over is a logarithm; with a
    // growth of 1, or nearly, log1p and expm1 keep the digits that 1 + small would lose.
    let (excess, periods) = (growth - 1, epochs / period)
    let rate = log1p(excess)
    let over =
      ((rate == 0 ? periods : log1p(periods * excess) / rate) + 1e-9).rounded(.down)
    let start = rate == 0 ? over : expm1(over * rate) / excess
    return max(0, (periods - start) / pow(growth, over))
  }

  /// How often validation went without a better epoch for this many.
  private static func plateaus(_ history: [EpochRecord], patience: Int) -> Int {
    var (plateaus, waited) = (0, 0)
    var best: EpochRecord?
    for record in history {
      if best.map({ record.isBetter(than: $0) }) ?? true {
        (best, waited) = (record, 0)
        continue
      }
      waited += 1
      if waited == patience { (plateaus, waited) = (plateaus + 1, 0) }
    }
    return plateaus
  }

  private static func arc(from start: Double, to end: Double, _ progress: Double) -> Double {
    end + (start - end) * (1 + cos(Double.pi * progress)) / 2
  }
}
