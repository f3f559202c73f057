/// What an optimizer remembers: how many steps it has made, and its slots.
public struct OptimizerState: Sendable, Equatable {
  /// The steps made so far.
  public var step: Int
  /// The ``Configurable/kind`` of the rule it is the memory of.
  public let kind: String
  /// That rule's ``Optimizer/slots``.
  public let slotNames: [String]
  /// One array for each of ``Optimizer/slots``, laid out as the trained variables are.
  public var slots: [Tensor]

  /// The state before the first step.
  public init(_ optimizer: any Optimizer, for network: Network) {
    step = 0
    kind = optimizer.kind
    slotNames = optimizer.slots
    slots = optimizer.slots.map { _ in
      var slot = Tensor(samples: 1, shape: [network.layout.trainedCount])
      if optimizer.initialSlotValue != 0 {
        slot.mutablePointer().update(
          repeating: optimizer.initialSlotValue, count: network.layout.trainedCount)
      }
      return slot
    }
  }

  /// Whether a rule can continue with it: one of the same kind with the same slots, whatever its
  /// numbers.
  package func isMemory(of optimizer: any Optimizer) -> Bool {
    kind == optimizer.kind && slotNames == optimizer.slots
  }

  /// The rule it is the memory of, for messages: `adam with momentum and velocity`.
  package var owner: String { Self.name(kind, slotNames) }

  /// How messages tell rules apart that remember different things.
  package static func name(_ kind: String, _ slots: [String]) -> String {
    slots.isEmpty ? "\(kind) without slots" : "\(kind) with \(slots.joined(separator: " and "))"
  }
}
