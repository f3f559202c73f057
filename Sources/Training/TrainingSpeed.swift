import ImageData
import NeuralNetwork

/// How fast a network trains on this machine.
public struct TrainingSpeed: Sendable {
  /// Images a second, from the median time of whole steps: assembling a batch, augmentation, both passes,
  /// the update.
  public let imagesPerSecond: Double

  /// The seconds that an epoch of this many images takes, without its validation.
  public func seconds(images: Int) -> Double { Double(images) / imagesPerSecond }

  /// Trains on samples until so much time has gone by, and for at least three steps after the first one
  /// where these take no more than twice that.
  ///
  /// - Parameters:
  ///   - seconds: the time to measure for; a last step may take it further.
  ///   - progress: called after every step with the seconds gone by.
  /// - Throws: as ``Trainer`` does where the network, the settings and the data do not go together.
  public static func measured(
    _ network: Network, settings: TrainingSettings, data: some SampleSource, threads: Int? = nil,
    seconds: Double, progress: (Double) -> Void = { _ in }
  ) throws -> TrainingSpeed {
    // Few images are a step or two of an epoch.
    var settings = settings
    (settings.epochs, settings.patience) = (1_000_000, nil)
    let trainer = try Trainer(
      TrainingState(network: network, settings: settings), settings: settings, data: data,
      threads: threads)
    let batch = min(settings.batchSize, trainer.split.training.count)
    let clock = ContinuousClock()
    let start = clock.now
    var last = start
    var times: [Double] = []
    try trainer.run { event in
      guard case .step(let step) = event else { return .proceed }
      let now = clock.now
      // The first step allocates memory and wakes threads.
      if step.loss.samples == batch, trainer.state.optimizer.step > 1 {
        times.append((now - last) / .seconds(1))
      }
      progress((now - start) / .seconds(1))
      last = clock.now
      let isSlow = !times.isEmpty && now - start > .seconds(2 * seconds)
      return isSlow || (times.count >= 3 && now - start > .seconds(seconds)) ? .stop : .proceed
    }
    return TrainingSpeed(imagesPerSecond: Double(batch) / max(times.median, 1e-12))
  }

  /// The same on synthetic images (noise in a rectangle on black), for settings that say how a run trains
  /// and not on what.
  ///
  /// - Throws: also where the network takes no images with classes.
  public static func measured(
    _ network: Network, settings: TrainingSettings, threads: Int? = nil, seconds: Double
  ) throws -> TrainingSpeed {
    var settings = settings
    settings.limit = nil
    (settings.validationFraction, settings.fold, settings.classWeights) = (0, nil, .none)
    (settings.metrics, settings.monitor) = (MetricList(), .automatic)
    let data = try ImageSet.synthetic(for: network, count: settings.batchSize)
    return try measured(
      network, settings: settings, data: data, threads: threads, seconds: seconds)
  }
}
