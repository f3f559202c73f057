import ArgumentParser
import MiniCNN

/// Which of a checkpoint's weights a command uses.
enum StoredWeights: String, CaseIterable, Encodable, ExpressibleByArgument {
  /// The average over the steps.
  case average
  /// Those after the last step.
  case last

  init(isAverage: Bool) { self = isAverage ? .average : .last }
}

/// The choice among a checkpoint's weights.
struct WeightsFlag: ParsableArguments {
  @Option(
    help: """
      Which weights of the checkpoint to use: their average over the steps, or the last ones \
      (default: average where the run kept one with --weight-average).
      """)
  var weights: StoredWeights?

  /// The network that was asked for.
  func network(of checkpoint: Checkpoint, file: String) throws -> Network {
    guard weights == .average, checkpoint.state.average == nil else {
      return weights == .last ? checkpoint.state.network : checkpoint.network
    }
    throw Failure(
      .data, "\(file): the run kept no average of its weights (train with --weight-average)")
  }

  /// Whether ``network(of:file:)`` has averaged weights.
  func isAverage(_ checkpoint: Checkpoint) -> Bool {
    weights != .last && checkpoint.state.average != nil
  }
}
