import MiniCNN

/// One line on a terminal that shows how far an epoch has come (``EpochProgress``); nothing where nobody watches.
struct ProgressBar {
  private let isShown: Bool
  private let epochs: Int
  private let clock = ContinuousClock()
  private var epochStart: ContinuousClock.Instant
  private var lastDrawn: ContinuousClock.Instant
  private var firstSamples: Int?
  private var course = LossCourse()

  init(isShown: Bool, epochs: Int) {
    self.isShown = isShown
    self.epochs = epochs
    epochStart = clock.now
    lastDrawn = clock.now
  }

  /// Draws the bar, ten times a second at most.
  mutating func update(_ step: StepReport) {
    guard isShown else { return }
    course.add(step.loss.mean)
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
    let progress = EpochProgress(
      epoch: step.epoch, epochs: epochs, batch: step.batch, batches: step.batches,
      imagesPerSecond: speed, loss: step.running.mean,
      accuracy: step.hasClasses ? step.running.accuracy : nil,
      secondsLeft: rest * batchSize / max(speed, 1e-9), course: course.means)
    Terminal.draw(progress.line(columns: Terminal.columns - 1))
  }

  /// Clears the bar, for a line of text or the next epoch.
  mutating func clear() {
    if isShown { Terminal.draw("") }
    epochStart = clock.now
    firstSamples = nil
  }
}
