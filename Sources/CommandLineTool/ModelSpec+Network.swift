import MiniCNN

extension ModelSpec {
  /// The network with fresh weights; where it cannot be built, or does not go with the loss, the
  /// model's file is named.
  func network(seed: UInt64, loss: Loss, file: String) throws -> Network {
    do {
      let network = try Network(self, seed: seed)
      try loss.check(network)
      return network
    } catch {
      throw Failure(.data, "\(file): \(error)")
    }
  }
}
