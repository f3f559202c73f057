import NeuralNetwork

extension Trainer {
  /// Throws where another rank does not begin as the first one does: with the same settings, samples, weights and
  /// memory of the optimizer.
  ///
  /// Samples that have no ``SampleSource/sha256`` are compared by their number alone. Reads all weights once.
  func agree() throws(RanksError) {
    guard ranks.count > 1 else { return }
    var settingsDigest = Digest()
    settingsDigest.add(TrainingOptions(settings).description.utf8)
    settingsDigest.add(settings.seed)
    settingsDigest.add(settings.hasFirstShards ? 1 : 0)
    settingsDigest.add(dividesUpdates ? 1 : 0)
    settingsDigest.add(UInt64(bitPattern: Int64(lastStep ?? -1)))
    var data = Digest()
    data.add(UInt64(source.count))
    data.add((source.sha256 ?? "").utf8)
    data.add(UInt64(validationCount))
    var weights = Digest()
    weights.add(UInt64(state.optimizer.step))
    weights.add(state.network.variables)
    weights.add(state.isDivided ? 1 : 0)
    if !state.isDivided { for slot in state.optimizer.slots { weights.add(slot) } }
    for (name, digest) in [("settings", settingsDigest), ("samples", data), ("weights", weights)] {
      let all = try ranks.gather(digest.value)
      if let other = all.firstIndex(where: { $0 != all[0] }) {
        throw RanksError("rank \(other) begins with other \(name) than rank 0")
      }
    }
    // As an error of an earlier call has left it.
    if state.isDivided { try completeMemory() }
  }
}

/// FNV-1a of 64 bits, for what nobody has an interest to forge.
private struct Digest {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01B3 }

  mutating func add(_ text: String.UTF8View) { for byte in text { add(UInt64(byte)) } }

  mutating func add(_ tensor: Tensor) {
    let values = UnsafeBufferPointer(start: tensor.pointer, count: tensor.count)
    for value in values { add(UInt64(value.bitPattern)) }
  }
}
