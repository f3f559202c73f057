import Reports

/// One line on a terminal that says what is under way, for how long, and how much longer it will
/// take; nothing where nobody watches.
struct ProgressLine {
  /// What is under way; may change meanwhile.
  var title: String
  private let isShown = Terminal.isInteractive
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var lastDrawn: ContinuousClock.Instant?
  private static let leastTitle = 6

  init(_ title: String) {
    self.title = title
    start = clock.now
  }

  /// Draws the line, four times a second at most.
  ///
  /// - Parameter fraction: the share that is done, 0 to 1, of the work since this value was made;
  ///   `nil` where that is not known.
  mutating func update(_ fraction: Double? = nil) {
    let now = clock.now
    guard isShown, lastDrawn.map({ now - $0 > .milliseconds(250) }) ?? true else { return }
    lastDrawn = now
    let seconds = (now - start) / .seconds(1)
    Terminal.draw(Self.text(title, seconds, fraction, columns: Terminal.columns - 1))
  }

  /// Clears the line, for a line of text; the next update draws it again.
  mutating func clear() {
    if lastDrawn != nil { Terminal.draw("") }
    lastDrawn = nil
  }

  /// The line: a title that is too long is cut; where hardly any of it would be left, the time is left out
  /// before the percentage.
  static func text(
    _ title: String, _ seconds: Double, _ fraction: Double?, columns: Int
  ) -> String {
    var times = ": \(Format.duration(seconds.rounded(.down)))"
    // The first moments say nothing of the rest.
    if let fraction, fraction > 0, seconds >= 1 {
      let left = seconds * (1 - min(fraction, 1)) / fraction
      let done = ": \(Format.fixed(100 * min(fraction, 1), 0)) %"
      times = "\(done), \(Format.duration(left)) left"
      if columns < times.count + leastTitle { times = done }
    }
    if columns < times.count + 1 { return Format.shortened(title, to: columns) }
    return Format.shortened(title, to: max(1, columns - times.count)) + times
  }
}
