import NeuralNetwork

/// Training stopped because a number was no longer finite; the weights are those before that batch.
public struct DivergenceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// The batch within its epoch, counted from 1.
  public let batch: Int
  /// The step of the whole run, counted from 1.
  public let step: Int
  /// The learning rate of that step.
  public let learningRate: Float
  /// Where it began, if that could be found.
  public let fault: NumericFault?

  /// One line that names the step and the sample; where the data is sound, the layer, the largest
  /// activation before it, and something to try.
  public var description: String {
    let text =
      "step \(step) (epoch \(epoch), batch \(batch)): "
      + (fault?.description ?? "the loss or its gradient is no longer finite")
    guard fault?.isOfData != true else { return text }
    // A tenth of the decimal number, which that of the binary one may miss by a digit.
    let tenth = Float((Double("\(learningRate)") ?? Double(learningRate)) / 10)
    return text + "; try a learning rate of \(tenth), a tenth of this step's"
  }
}
