import Files
import HDF5
import NeuralNetwork

extension OptimizerState {
  /// The trained variables of a network in the order of Keras's layers.
  package static func entriesInKerasOrder(of network: Network) -> [VariableLayout.Entry] {
    KerasLayout.trainedEntries(network)
  }

  /// Reads what an optimizer of Keras remembers.
  ///
  /// - Parameters:
  ///   - trained: the trained variables in the order of Keras's layers.
  ///   - first: the number of the first slot's array: 2, or 1 in a file without a learning rate.
  /// - Throws: a `FileError` where an array is missing or of another shape.
  package init(
    keras file: borrowing HDF5File, rule: any Optimizer, network: Network,
    trained: [VariableLayout.Entry], first: Int
  ) throws(FileError) {
    self.init(rule, for: network)
    let places = KerasLayout.slots(rule, of: trained, first: first)
    try OptimizerFile.read(file, places, into: &self)
    guard (0...1 << 53).contains(step) else {
      throw FileError(
        .invalid, file: file.path, place: KerasLayout.stepPath, expected: "a number of steps",
        found: "\(step)")
    }
  }
}
