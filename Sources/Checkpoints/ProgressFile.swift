import Files
import HDF5
import NeuralNetwork
import Training

/// Where training stands, in the group `/minicnn`. Readings of the clock are kept apart, in
/// `/minicnn/clock`: they are all that differs between two runs of the same settings.
enum ProgressFile {
  static func write(
    _ state: TrainingState, to writer: borrowing HDF5Writer
  ) throws(FileError) {
    let progress = "/minicnn/progress"
    try writer.write([Int64(state.epoch)], shape: [], to: "\(progress)/epoch")
    try writer.write([Int64(state.batch)], shape: [], to: "\(progress)/batch")
    try writer.write([Int64(state.best?.epoch ?? 0)], shape: [], to: "\(progress)/best_epoch")
    try writer.write(
      [Int64(state.stoppedEarly ? 1 : 0)], shape: [], to: "\(progress)/stopped_early")
    try writer.write([state.running.sum], shape: [], to: "\(progress)/running_loss")
    try writer.write([Int64(state.running.correct)], shape: [], to: "\(progress)/running_correct")
    try writer.write([Int64(state.running.samples)], shape: [], to: "\(progress)/running_samples")
    for column in columns {
      let values = state.history.map { column.value($0) ?? .nan }
      try writer.write(values, shape: [values.count], to: column.path)
    }
    try writer.write([state.runningSeconds], shape: [], to: "/minicnn/clock/running_seconds")
  }

  static func read(
    _ file: borrowing HDF5File, into state: inout TrainingState
  ) throws(FileError) {
    let progress = "/minicnn/progress"
    state.epoch = try count(file, "\(progress)/epoch", most: 1 << 20)
    state.batch = try count(file, "\(progress)/batch", most: 1 << 31)
    state.stoppedEarly = try count(file, "\(progress)/stopped_early", most: 1) == 1
    state.running.correct = try count(file, "\(progress)/running_correct", most: 1 << 53)
    state.running.samples = try count(file, "\(progress)/running_samples", most: 1 << 53)
    state.running.sum = try file.read("\(progress)/running_loss", as: Double.self, shape: [])[0]
    state.runningSeconds = try file.read(
      "/minicnn/clock/running_seconds", as: Double.self, shape: [])[0]
    // Read before anything is set aside for as many epochs as the file states.
    var read: [[Double]] = []
    for column in columns {
      read.append(try file.read(column.path, as: Double.self, shape: [state.epoch]))
    }
    state.history = (0..<state.epoch).map { epoch in
      var record = EpochRecord(
        epoch: epoch + 1, loss: 0, accuracy: 0, learningRate: 0, seconds: 0)
      for (column, values) in zip(columns, read) {
        column.set(&record, values[epoch].isNaN ? nil : values[epoch])
      }
      return record
    }
    let best = try count(file, "\(progress)/best_epoch", most: state.epoch)
    state.best = best == 0 ? nil : state.history[best - 1]
  }

  private static func count(
    _ file: borrowing HDF5File, _ path: String, most: Int
  ) throws(FileError) -> Int {
    let value = try file.read(path, as: Int64.self, shape: [])[0]
    guard value >= 0, value <= most else {
      throw FileError(
        .invalid, file: file.path, place: path, expected: "0 to \(most)", found: "\(value)")
    }
    return Int(value)
  }

  /// One array of the history, a number an epoch.
  private struct Column: Sendable {
    let path: String
    let value: @Sendable (EpochRecord) -> Double?
    let set: @Sendable (inout EpochRecord, Double?) -> Void
  }

  private static let columns = [
    Column(
      path: "/minicnn/history/loss", value: { $0.loss }, set: { $0.loss = $1 ?? .nan }),
    Column(
      path: "/minicnn/history/accuracy", value: { $0.accuracy },
      set: { $0.accuracy = $1 ?? .nan }),
    Column(
      path: "/minicnn/history/validation_loss", value: { $0.validationLoss },
      set: { $0.validationLoss = $1 }),
    Column(
      path: "/minicnn/history/validation_accuracy", value: { $0.validationAccuracy },
      set: { $0.validationAccuracy = $1 }),
    Column(
      path: "/minicnn/history/learning_rate", value: { $0.learningRate },
      set: { $0.learningRate = $1 ?? .nan }),
    Column(
      path: "/minicnn/clock/seconds", value: { $0.seconds }, set: { $0.seconds = $1 ?? 0 }),
  ]
}
