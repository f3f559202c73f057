/// What an optimizer remembers: how many steps it has made, and its slots.
public struct OptimizerState: Sendable, Equatable {
  /// The steps made so far.
  public var step: Int
  /// One array for each of ``Optimizer/slots``, laid out as the trained variables are.
  public var slots: [Tensor]

  /// The state before the first step.
  public init(_ optimizer: any Optimizer, for network: Network) {
    step = 0
    slots = optimizer.slots.map { _ in
      var slot = Tensor(samples: 1, shape: [network.layout.trainedCount])
      if optimizer.initialSlotValue != 0 {
        slot.mutablePointer().update(
          repeating: optimizer.initialSlotValue, count: network.layout.trainedCount)
      }
      return slot
    }
  }
}
