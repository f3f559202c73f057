import Files
import NeuralNetwork

extension ModelSpec {
  /// The network with fresh weights; where it cannot be built, or does not go with the loss, the
  /// model's file is named.
  package func network(seed: UInt64, loss: any Loss, file: String) throws(FileError) -> Network {
    do {
      let network = try Network(self, seed: seed)
      try loss.check(network)
      return network
    } catch {
      throw FileError(.invalid, file: file, found: "\(error)")
    }
  }
}
