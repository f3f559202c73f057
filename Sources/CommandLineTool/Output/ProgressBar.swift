import MiniCNN

/// One line on a terminal that shows how far an epoch has come; nothing where nobody watches.
struct ProgressBar {
  private let isShown: Bool
  private let epochs: Int
  private let clock = ContinuousClock()
  private var epochStart: ContinuousClock.Instant
  private var lastDrawn: ContinuousClock.Instant
  private var firstSamples: Int?

  init(isShown: Bool, epochs: Int) {
    self.isShown = isShown
    self.epochs = epochs
    epochStart = clock.now
    lastDrawn = clock.now
  }

  /// Draws the bar, ten times a second at most.
  mutating func update(_ step: StepReport) {
    guard isShown else { return }
    let now = clock.now
    // A resumed epoch has earlier samples, which do not count for the speed.
    let first = firstSamples ?? step.running.samples - step.loss.samples
    firstSamples = first
    guard now - lastDrawn > .milliseconds(100) || step.batch == step.batches else { return }
    lastDrawn = now
    let seconds = (now - epochStart) / .seconds(1)
    let speed = Double(step.running.samples - first) / max(seconds, 1e-9)
    let batchSize = Double(step.running.samples) / Double(step.batch)
    let rest = Double(step.batches - step.batch + (epochs - step.epoch) * step.batches)
    let left = "epoch \(step.epoch)/\(epochs) "
    let right =
      " \(step.batch)/\(step.batches)  \(Format.grouped(speed)) images/s"
      + "  loss \(Format.fixed(step.running.mean, 4))"
      + (step.hasClasses ? "  accuracy \(Format.percent(step.running.accuracy))" : "")
      + "  \(Format.duration(rest * batchSize / max(speed, 1e-9))) left"
    let room = Terminal.columns - 1 - left.count - right.count
    let width = min(24, max(0, room))
    let filled = width * step.batch / step.batches
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    Terminal.draw(left + bar + right)
  }

  /// Clears the bar, for a line of text or the next epoch.
  mutating func clear() {
    if isShown { Terminal.draw("") }
    epochStart = clock.now
    firstSamples = nil
  }
}
