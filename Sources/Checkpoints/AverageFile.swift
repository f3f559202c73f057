import Files
import HDF5
import NeuralNetwork

/// The average of a network's variables, under `/minicnn/average` as the variables themselves are
/// under `/`.
enum AverageFile {
  static let root = "/minicnn/average"

  static func write(
    _ average: Tensor, of network: Network, to writer: borrowing HDF5Writer
  ) throws(FileError) {
    let layout = KerasLayout(network)
    for entry in network.layout.entries {
      let values = UnsafeBufferPointer(
        start: average.pointer + entry.offset, count: entry.range.count)
      try writer.write(
        values, shape: entry.variable.shape.array, to: root + layout.path(of: entry))
    }
  }

  static func read(
    _ file: borrowing HDF5File, of network: Network
  ) throws(FileError) -> Tensor {
    let layout = KerasLayout(network)
    var averaged = network
    for entry in network.layout.entries {
      averaged.setValues(
        try file.read(
          root + layout.path(of: entry), as: Float.self, shape: entry.variable.shape.array),
        of: entry)
    }
    return averaged.variables
  }
}
