import Files
import HDF5
import NeuralNetwork

/// What an optimizer remembers, in a file laid out as Keras 3's.
enum OptimizerFile {
  static func write(
    _ state: OptimizerState, rule: any Optimizer, rate: Float, network: Network,
    to writer: borrowing HDF5Writer
  ) throws(FileError) {
    try writer.write([Int64(state.step)], shape: [], to: KerasLayout.stepPath)
    try writer.write([rate], shape: [], to: KerasLayout.ratePath)
    for place in KerasLayout.slots(rule, network) where !state.slots.isEmpty {
      let values = UnsafeBufferPointer(
        start: state.slots[place.slot].pointer + place.entry.offset,
        count: place.entry.range.count)
      try writer.write(values, shape: place.entry.variable.shape.array, to: place.path)
    }
  }

  static func read(
    _ file: borrowing HDF5File, rule: any Optimizer, network: Network, withSlots: Bool
  ) throws(FileError) -> OptimizerState {
    var state = OptimizerState(rule, for: network)
    // ProgressFile looks at the range of its step.
    try read(file, withSlots ? KerasLayout.slots(rule, network) : [], into: &state)
    return state
  }

  /// Reads the number of steps, whatever it is, and slots.
  static func read(
    _ file: borrowing HDF5File, _ places: [KerasLayout.Slot], into state: inout OptimizerState
  ) throws(FileError) {
    state.step = Int(try file.read(KerasLayout.stepPath, as: Int64.self, shape: [])[0])
    for place in places {
      let values = try file.read(
        place.path, as: Float.self, shape: place.entry.variable.shape.array)
      let target = state.slots[place.slot].mutablePointer() + place.entry.offset
      for (i, value) in values.enumerated() { target[i] = value }
    }
  }
}
