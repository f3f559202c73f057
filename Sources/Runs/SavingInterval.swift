/// How often a run saves its state between the ends of epochs.
public enum SavingInterval: Equatable, Sendable {
  /// Every so many steps of the whole run.
  case steps(Int)
  /// Once so much time has passed since the last save.
  case time(Duration)

  /// Reads `500`, `30s`, `5m` or `1h`; nothing below 1.
  package init?(_ text: String) {
    let seconds = ["s": 1, "m": 60, "h": 3600]
    let unit = text.last.flatMap { seconds[String($0)] }
    guard let number = Int(unit == nil ? text : String(text.dropLast())),
      (1...1_000_000_000).contains(number)
    else { return nil }
    self = if let unit { .time(.seconds(number * unit)) } else { .steps(number) }
  }

  /// `500`, or whole seconds, at least one, as `30s`.
  package var text: String {
    switch self {
    case .steps(let steps): "\(steps)"
    case .time(let time): "\(max(1, time.components.seconds))s"
    }
  }
}

/// Says when the next state is due.
struct SavingClock {
  private let interval: SavingInterval?
  private var last = ContinuousClock.now

  /// Starts with nothing due.
  init(_ interval: SavingInterval?) { self.interval = interval }

  /// Whether a state is due after this step, counted from the run's first.
  func isDue(step: Int) -> Bool {
    switch interval {
    case .steps(let every): step % every == 0
    case .time(let time): ContinuousClock.now - last >= time
    case nil: false
    }
  }

  /// Notes that a state has been saved.
  mutating func reset() { last = .now }
}
