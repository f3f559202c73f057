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

  /// One line that names the step, the layer, the largest activation, and something to try.
  public var description: String {
    var text = "step \(step) (epoch \(epoch), batch \(batch)): "
    if let fault {
      let verb = fault.quantity == .weights ? "are" : "is"
      text += "the \(fault.quantity.rawValue) of layer \(fault.layer) \(verb) no longer finite"
      if fault.largestInput > 0 {
        text += " (the largest activation before it is \(fault.largestInput))"
      }
    } else {
      text += "the loss or its gradient is no longer finite"
    }
    return text + "; try a learning rate of \(learningRate / 10), a tenth of this step's"
  }
}
