/// One line on a terminal that says what is under way and for how long; nothing where nobody watches.
struct ElapsedTime {
  private let title: String
  private let isShown = Terminal.isInteractive
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var shown = -1

  init(_ title: String) {
    self.title = title
    start = clock.now
  }

  /// Draws the line, once a second.
  mutating func update() {
    let seconds = Int((clock.now - start) / .seconds(1))
    guard isShown, seconds != shown else { return }
    shown = seconds
    let text = "\(title): \(Format.duration(Double(seconds)))"
    // A line that is wrapped could not be drawn over.
    Terminal.draw("\r\u{1B}[K" + String(text.suffix(Terminal.columns - 1)))
  }

  /// Takes the line away.
  func clear() {
    if isShown { Terminal.draw("\r\u{1B}[K") }
  }
}
