import NeuralNetwork

// Where ranks divide the updates of large dense kernels, what each has of them is sent to all.
extension Trainer {
  /// Has the state of the next step whole on every rank, so that it can be saved.
  package func requestWholeState() { wishes.insert(.wholeMemory) }

  /// Before an exchange has ended nobody knows how far the others are.
  func beginUpdate() { if dividesUpdates, gradientStep.isDivided { state.isDivided = true } }

  /// Makes the weights whole on every rank, and with some steps the optimizer's memory and the gradient.
  func endUpdate(_ wishes: RankWishes) throws(RanksError) {
    guard state.isDivided else { return }
    try gradientStep.complete(&state.network.variables)
    let endsEpoch = state.batch + 1 == batchesPerEpoch
    if endsEpoch { try gradientStep.completeGradient() }
    if endsEpoch || isAtLastStep || !wishes.isEmpty || state.optimizer.slots.isEmpty {
      try completeMemory()
    }
  }

  /// Makes the optimizer's memory whole on every rank, of which each has updated a part.
  func completeMemory() throws(RanksError) {
    for slot in state.optimizer.slots.indices {
      try gradientStep.complete(&state.optimizer.slots[slot])
    }
    state.isDivided = false
    wishes.remove(.wholeMemory)
  }
}
