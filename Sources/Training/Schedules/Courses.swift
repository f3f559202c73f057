import CKernels
import NeuralNetwork
import Platform

/// The learning rate itself throughout: a factor of 1.
public struct ConstantRate: ScheduleCourse {
  /// `constant`.
  public static let kind = "constant"
  /// The constant course has no other form.
  public static let prototype = ConstantRate()
  /// Nothing can be set.
  public static let settings: [Setting<ConstantRate>] = []

  /// Creates the course; see the properties.
  public init() {}

  /// `false`: the rate is the same before and after.
  public var holdsAfterLength: Bool { false }

  /// Always 1.
  public func factor(at place: SchedulePosition) -> Double { 1 }
}

/// The rate is multiplied by a factor after every so many epochs.
public struct StepDecay: ScheduleCourse {
  /// `step`.
  public static let kind = "step"
  /// Halved after every epoch.
  public static let prototype = StepDecay()
  /// What can be set.
  public static let settings: [Setting<StepDecay>] = [
    Setting("every", \.every, .from(1, to: 1_000_000), "epochs between two changes of the rate"),
    Setting("factor", \.factor, .above(0, to: 1), "what the rate is multiplied by"),
  ]
  /// Epochs between two changes of the rate.
  public var every: Int
  /// What the rate is multiplied by.
  public var factor: Double

  /// Creates the course; see the properties.
  public init(every: Int = 1, factor: Double = 0.5) { (self.every, self.factor) = (every, factor) }

  /// The factor to the power of the changes made.
  public func factor(at place: SchedulePosition) -> Double {
    mc_power(factor, Double(place.step / (place.stepsPerEpoch * every)))
  }
}

/// The rate is multiplied by a factor over each epoch, a little at every step.
public struct ExponentialDecay: ScheduleCourse {
  /// `exponential`.
  public static let kind = "exponential"
  /// A tenth less after every epoch.
  public static let prototype = ExponentialDecay()
  /// What can be set.
  public static let settings: [Setting<ExponentialDecay>] = [
    Setting("factor", \.factor, .above(0, to: 1), "what the rate is multiplied by in an epoch")
  ]
  /// What the rate is multiplied by in an epoch.
  public var factor: Double

  /// Creates the course; see the properties.
  public init(factor: Double = 0.9) { self.factor = factor }

  /// The factor to the power of the epochs passed.
  public func factor(at place: SchedulePosition) -> Double { mc_power(factor, place.epochs) }
}

/// Half a cosine from 1 down to a share.
public struct CosineDecay: ScheduleCourse {
  /// `cosine`.
  public static let kind = "cosine"
  /// Down to 0.
  public static let prototype = CosineDecay()
  /// What can be set.
  public static let settings: [Setting<CosineDecay>] = [
    Setting("final", \.final, .from(0, to: 1), "the last factor")
  ]
  /// The last factor.
  public var final: Double

  /// Creates the course; see the properties.
  public init(final: Double = 0) { self.final = final }

  /// On the arc from 1 to ``final``.
  public func factor(at place: SchedulePosition) -> Double {
    arc(from: 1, to: final, place.progress)
  }
}

/// Half a cosine from 1 down to a share over a period, then again from 1 over a longer one, and so
/// on (Loshchilov and Hutter 2016, "SGDR: stochastic gradient descent with warm restarts").
public struct CosineRestarts: ScheduleCourse {
  /// `cosine_restarts`.
  public static let kind = "cosine_restarts"
  /// A first period of one epoch, each next one twice as long.
  public static let prototype = CosineRestarts()
  /// What can be set.
  public static let settings: [Setting<CosineRestarts>] = [
    Setting("period", \.period, .from(0.001, to: 1_000_000), "epochs of the first period"),
    Setting("growth", \.growth, .from(1, to: 1000), "how many times as long each next period is"),
    Setting("final", \.final, .from(0, to: 1), "the last factor of each"),
  ]
  /// Epochs of the first period.
  public var period: Double
  /// How many times as long each next period is.
  public var growth: Double
  /// The last factor of each.
  public var final: Double

  /// Creates the course; see the properties.
  public init(period: Double = 1, growth: Double = 2, final: Double = 0) {
    (self.period, self.growth, self.final) = (period, growth, final)
  }

  /// On the arc of the period that the step falls in.
  public func factor(at place: SchedulePosition) -> Double {
    arc(from: 1, to: final, share(of: place.epochs))
  }

  /// How far a number of epochs is into the period it falls in, 0 to below 1.
  private func share(of epochs: Double) -> Double {
    // Periods are a geometric series, so the number of those that are over is a logarithm; with a
    // growth of 1, or nearly, log1p and expm1 keep the digits that 1 + small would lose.
    let (excess, periods) = (growth - 1, epochs / period)
    let rate = mc_log1p(excess)
    let over =
      ((rate == 0 ? periods : mc_log1p(periods * excess) / rate) + 1e-9).rounded(.down)
    let start = rate == 0 ? over : mc_expm1(over * rate) / excess
    return max(0, (periods - start) / mc_power(growth, over))
  }
}

/// The rate is multiplied by a factor whenever validation has not improved for so many epochs.
public struct PlateauDecay: ScheduleCourse {
  /// `plateau`.
  public static let kind = "plateau"
  /// Halved after two epochs without an improvement.
  public static let prototype = PlateauDecay()
  /// What can be set.
  public static let settings: [Setting<PlateauDecay>] = [
    Setting("factor", \.factor, .above(0, below: 1), "what the rate is multiplied by"),
    Setting(
      "patience", \.patience, .atLeast(1), "epochs without a better validation before that"
    ),
  ]
  /// What the rate is multiplied by.
  public var factor: Double
  /// Epochs without a better validation, as the run's monitor sees it, before that.
  public var patience: Int

  /// Creates the course; see the properties.
  public init(factor: Double = 0.5, patience: Int = 2) {
    (self.factor, self.patience) = (factor, patience)
  }

  /// `false`: the rate keeps following validation.
  public var holdsAfterLength: Bool { false }
  /// `true`: validation decides when the rate falls.
  public var needsValidation: Bool { true }

  /// The factor to the power of the times that validation went ``patience`` epochs without a better
  /// one.
  public func factor(at place: SchedulePosition) -> Double {
    var (plateaus, waited) = (0, 0)
    var best: EpochRecord?
    for record in place.history {
      if best.map({ place.monitor.isBetter(record, than: $0) }) ?? true {
        (best, waited) = (record, 0)
        continue
      }
      waited += 1
      if waited == patience { (plateaus, waited) = (plateaus + 1, 0) }
    }
    return mc_power(factor, Double(plateaus))
  }
}

/// Up from 1/25 to 1 over the first part of the run, then down to 1/250000, both along a cosine
/// (Smith 2018, "A disciplined approach to neural network hyper-parameters").
public struct OneCycle: ScheduleCourse {
  /// `one_cycle`.
  public static let kind = "one_cycle"
  /// Up for three tenths of the run.
  public static let prototype = OneCycle()
  /// What can be set.
  public static let settings: [Setting<OneCycle>] = [
    Setting("rise", \.rise, .above(0, below: 1), "the share of the run in which the rate rises")
  ]
  /// The share of the run in which the rate rises.
  public var rise: Double

  /// Creates the course; see the properties.
  public init(rise: Double = 0.3) { self.rise = rise }

  /// On the arc up, or on the one down.
  public func factor(at place: SchedulePosition) -> Double {
    let progress = place.progress
    if progress < rise { return arc(from: 1 / 25, to: 1, progress / rise) }
    return arc(from: 1, to: 1 / 250_000, (progress - rise) / (1 - rise))
  }
}

/// Half a cosine from one number to another.
private func arc(from start: Double, to end: Double, _ progress: Double) -> Double {
  end + (start - end) * (1 + mc_cos(Double.pi * progress)) / 2
}

extension ScheduleCourse where Self == ConstantRate {
  /// ``ConstantRate``.
  public static var constant: ConstantRate { ConstantRate() }
}

extension ScheduleCourse where Self == StepDecay {
  /// ``StepDecay``.
  public static func step(every: Int, factor: Double) -> StepDecay {
    StepDecay(every: every, factor: factor)
  }
}

extension ScheduleCourse where Self == ExponentialDecay {
  /// ``ExponentialDecay``.
  public static func exponential(factor: Double) -> ExponentialDecay {
    ExponentialDecay(factor: factor)
  }
}

extension ScheduleCourse where Self == CosineDecay {
  /// ``CosineDecay``.
  public static func cosine(final: Double) -> CosineDecay { CosineDecay(final: final) }
}

extension ScheduleCourse where Self == CosineRestarts {
  /// ``CosineRestarts``.
  public static func cosineRestarts(
    period: Double, growth: Double, final: Double
  ) -> CosineRestarts {
    CosineRestarts(period: period, growth: growth, final: final)
  }
}

extension ScheduleCourse where Self == PlateauDecay {
  /// ``PlateauDecay``.
  public static func plateau(factor: Double, patience: Int) -> PlateauDecay {
    PlateauDecay(factor: factor, patience: patience)
  }
}

extension ScheduleCourse where Self == OneCycle {
  /// ``OneCycle``.
  public static func oneCycle(rise: Double) -> OneCycle { OneCycle(rise: rise) }
}
