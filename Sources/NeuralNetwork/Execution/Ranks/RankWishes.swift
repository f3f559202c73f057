/// What a rank asks of all ranks with a step; after the step every rank knows what any has asked for.
package struct RankWishes: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// To stop after the step.
  package static let stop = RankWishes(rawValue: 1)
  /// To have the optimizer's memory whole on every rank after the step.
  package static let wholeMemory = RankWishes(rawValue: 2)
}
