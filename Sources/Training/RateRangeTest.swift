import CKernels
import NeuralNetwork
import Platform

/// How the loss responds to the learning rate, from one short run whose rate rises at every step
/// (Smith 2015, "Cyclical learning rates for training neural networks").
public struct RateRangeTest: Sendable {
  /// One step.
  public struct Point: Sendable, Equatable {
    /// The learning rate of the step.
    public let rate: Double
    /// The batch's mean loss before the step.
    public let loss: Double
    /// The losses so far, smoothed.
    public let smoothed: Double
  }

  /// The steps, with rising rates; the last is where the smoothed loss is 4 times its minimum.
  public let points: [Point]
  /// Whether it ended before the last rate.
  public let diverged: Bool

  /// The share of itself that the smoothed loss keeps at every step.
  static let smoothing = 0.95
  /// The multiple of its minimum at which the smoothed loss ends the test.
  static let limit = 4.0

  /// Runs the test from fresh weights.
  ///
  /// - Parameters:
  ///   - settings: the settings whose rate is sought; their own rate and schedule are not used.
  ///   - rates: the first rate and the last one, above 0.
  ///   - steps: the steps between them, at least 1.
  ///   - validation: samples for validation alone, in place of a share of the others, which then all
  ///     train.
  ///   - progress: is called after each step with the steps so far; there may be fewer than
  ///     `steps`.
  /// - Throws: what a ``Trainer`` throws before its first step, and a ``DivergenceError`` where a
  ///   sample or a target is not finite.
  public init(
    _ model: ModelSpec, settings: TrainingSettings, data: some SampleSource,
    rates: ClosedRange<Double>, steps: Int, validation: (any SampleSource)? = nil,
    threads: Int? = nil, progress: (Int) -> Void = { _ in }
  ) throws {
    require(
      rates.lowerBound > 0 && rates.upperBound.isFinite,
      "rates from \(rates.lowerBound) to \(rates.upperBound); expected above 0 and finite")
    require(steps >= 1, "\(steps) steps; expected at least 1")
    var settings = settings
    settings.epochs = 1_000_000
    // A gain has no meaning without patience.
    (settings.patience, settings.minDelta) = (nil, 0)
    let trainer = try Trainer(
      model, settings: settings, data: data, validation: validation, threads: threads)
    let growth = mc_log(rates.upperBound / rates.lowerBound) / Double(max(steps - 1, 1))
    func rate(_ step: Int) -> Double { rates.lowerBound * mc_exp(growth * Double(step)) }
    trainer.rateOfStep = { Float(rate($0)) }
    var points: [Point] = []
    var (mean, least) = (0.0, Double.infinity)
    var diverged = false
    do {
      try trainer.run { event in
        guard case .step(let report) = event else { return .proceed }
        let step = points.count
        mean = Self.smoothing * mean + (1 - Self.smoothing) * report.loss.mean
        // Bias correction, as in Adam: without it the first means would be drawn towards 0.
        let smoothed = mean / (1 - mc_power(Self.smoothing, Double(step + 1)))
        points.append(Point(rate: rate(step), loss: report.loss.mean, smoothed: smoothed))
        progress(points.count)
        least = min(least, smoothed)
        diverged = smoothed > Self.limit * least
        return diverged || points.count == steps ? .stop : .proceed
      }
    } catch let error as DivergenceError {
      // No rate is to blame for what is wrong with the data.
      guard error.fault?.isOfData != true else { throw error }
      diverged = true
    }
    self.points = points
    self.diverged = diverged
  }

  /// The step with the least smoothed loss.
  public var lowest: Point? {
    points.min { $0.smoothed < $1.smoothed }
  }

  /// What a test shows.
  public enum Verdict: Sendable, Equatable {
    /// The smoothed loss falls before its minimum, and fastest with the rate's logarithm here.
    case falls(steepest: Double)
    /// The loss reaches its minimum so soon that there is no fall to see.
    case leastTooSoon
    /// There is no fall before the minimum of the loss.
    case neverFalls
  }

  /// What the steps show.
  public var verdict: Verdict {
    guard let lowest, let end = points.firstIndex(of: lowest) else { return .leastTooSoon }
    // The first values are means of too few losses.
    let start = points.count / 10, reach = max(1, points.count / 50)
    guard end - reach > start + reach else { return .leastTooSoon }
    func slope(_ i: Int) -> Double { points[i + reach].smoothed - points[i - reach].smoothed }
    let steepest = (start + reach..<end - reach + 1).min { slope($0) < slope($1) }
    guard let steepest, slope(steepest) < 0 else { return .neverFalls }
    return .falls(steepest: points[steepest].rate)
  }

  /// Where the smoothed loss falls fastest, if it falls.
  public var steepest: Double? {
    if case .falls(let steepest) = verdict { steepest } else { nil }
  }

  /// The rate to try with a schedule, if the loss falls: where it falls fastest. For a one-cycle
  /// schedule, whose rate is at its peak for a few steps only, a tenth of the rate where the smoothed
  /// loss is lowest, if that is more; `nil` where it is lowest at the last rate, as it might fall
  /// further beyond.
  public func suggestion(for course: Schedule.Course) -> Double? {
    guard let steepest, let lowest else { return nil }
    guard course is OneCycle else { return steepest }
    return diverged || lowest != points.last ? max(steepest, lowest.rate / 10) : nil
  }
}
