import Files
import HDF5
import NeuralNetwork
import Training

/// The progress of training, in the group `/minicnn`. Readings of the clock are kept apart, in
/// `/minicnn/clock`: nothing else differs between two runs with the same settings.
///
/// Each number is in its range, in a file that is read and in one that is written: what is read is
/// printed, compared and counted up.
enum ProgressFile {
  static func write(
    _ state: TrainingState, to writer: borrowing HDF5Writer
  ) throws(FileError) {
    try writer.write([Int64(state.epoch)], shape: [], to: Place.epoch)
    try writer.write([Int64(state.batch)], shape: [], to: Place.batch)
    try writer.write([Int64(state.best?.epoch ?? 0)], shape: [], to: Place.best)
    try writer.write([Int64(state.stoppedEarly ? 1 : 0)], shape: [], to: Place.stopped)
    try writer.write([state.running.sum], shape: [], to: Place.loss)
    try writer.write([Int64(state.running.correct)], shape: [], to: Place.correct)
    try writer.write([Int64(state.running.samples)], shape: [], to: Place.samples)
    for column in columns {
      let values = state.history.map { column.value($0) ?? .nan }
      try writer.write(values, shape: [values.count], to: column.path)
    }
    let names = metricNames(state.history)
    if !names.isEmpty {
      try writer.write(names, to: Place.metricNames)
      let values = names.flatMap { name in
        state.history.map { $0.validationMetrics?[name] ?? .nan }
      }
      try writer.write(values, shape: [names.count, state.history.count], to: Place.metrics)
    }
    try writer.write([state.runningSeconds], shape: [], to: Place.seconds)
  }

  /// The names of all metrics in some records, in order.
  private static func metricNames(_ history: [EpochRecord]) -> [String] {
    Set(history.flatMap { ($0.validationMetrics ?? [:]).keys }).sorted()
  }

  /// Adds the metrics that a file has to the records of its epochs.
  private static func readMetrics(
    _ file: borrowing HDF5File, into history: inout [EpochRecord]
  ) throws(FileError) {
    guard try file.kind(of: Place.metricNames) != nil else { return }
    let names = try file.readTexts(Place.metricNames, limit: Checkpoint.largestText)
    guard Set(names).count == names.count else {
      throw FileError(
        .invalid, file: file.path, place: Place.metricNames, expected: "each metric once",
        found: "one twice")
    }
    let values = try file.read(
      Place.metrics, as: Double.self, shape: [names.count, history.count])
    for (number, name) in names.enumerated() {
      for epoch in history.indices {
        let value = values[number * history.count + epoch]
        guard !value.isNaN else { continue }
        history[epoch].validationMetrics = (history[epoch].validationMetrics ?? [:])
          .merging([name: value]) { $1 }
      }
    }
  }

  static func read(
    _ file: borrowing HDF5File, into state: inout TrainingState
  ) throws(FileError) {
    func whole(_ path: String) throws(FileError) -> Int {
      Int(try file.read(path, as: Int64.self, shape: [])[0])
    }
    func number(_ path: String) throws(FileError) -> Double {
      try file.read(path, as: Double.self, shape: [])[0]
    }
    state.epoch = try whole(Place.epoch)
    try check(state.epoch, 0...mostEpochs, file.path, Place.epoch)
    state.batch = try whole(Place.batch)
    let stopped = try whole(Place.stopped)
    try check(stopped, 0...1, file.path, Place.stopped)
    state.stoppedEarly = stopped == 1
    state.running.correct = try whole(Place.correct)
    state.running.samples = try whole(Place.samples)
    state.running.sum = try number(Place.loss)
    state.runningSeconds = try number(Place.seconds)
    // Read before memory is allocated for as many epochs as the file states.
    var read: [[Double]] = []
    for column in columns {
      read.append(try file.read(column.path, as: Double.self, shape: [state.epoch]))
    }
    state.history = (0..<state.epoch).map { epoch in
      var record = EpochRecord(
        epoch: epoch + 1, loss: 0, accuracy: nil, learningRate: 0, seconds: 0)
      for (column, values) in zip(columns, read) { column.set(&record, values[epoch]) }
      return record
    }
    try readMetrics(file, into: &state.history)
    let best = try whole(Place.best)
    try check(best, 0...state.epoch, file.path, Place.best)
    state.best = best == 0 ? nil : state.history[best - 1]
    try verify(state, file: file.path)
  }

  /// Throws for the first number that is out of its range.
  static func verify(_ state: TrainingState, file: String) throws(FileError) {
    try check(state.epoch, 0...mostEpochs, file, Place.epoch)
    try check(state.batch, 0...(1 << 31), file, Place.batch)
    try check(state.optimizer.step, 0...(1 << 53), file, KerasLayout.stepPath)
    // The product cannot overflow: a batch has at most 2¹⁶ samples.
    try check(
      state.running.samples, 0...state.batch * state.basis.batchSize, file, Place.samples)
    try check(state.running.correct, 0...state.running.samples, file, Place.correct)
    try check(state.running.sum, .finite, file, Place.loss)
    try check(state.runningSeconds, .atLeastZero, file, Place.seconds)
    for column in columns {
      for (epoch, record) in state.history.enumerated() {
        guard let value = column.value(record) else { continue }
        try check(value, column.range, file, "\(column.path)[\(epoch)]")
      }
    }
    for record in state.history {
      for (name, value) in record.validationMetrics ?? [:] {
        try check(value, .finite, file, "\(Place.metrics) (\(name), epoch \(record.epoch))")
      }
    }
    guard let best = state.best else { return }
    try check(best.epoch, 1...max(1, state.history.count), file, Place.best)
    let record = state.history.count >= best.epoch ? state.history[best.epoch - 1] : nil
    // Samples without classes have no accuracy; a loss that is not finite is missing.
    guard let record, record.accuracy == nil || record.validationAccuracy != nil else {
      throw FileError(
        .invalid, file: file, place: Place.best, expected: "an epoch with a validation accuracy",
        found: "\(best.epoch)")
    }
  }

  /// As many as settings can ask for, and some more.
  private static let mostEpochs = 1 << 20

  private static func check(
    _ value: Int, _ range: ClosedRange<Int>, _ file: String, _ place: String
  ) throws(FileError) {
    guard !range.contains(value) else { return }
    throw FileError(
      .invalid, file: file, place: place,
      expected: "\(range.lowerBound) to \(range.upperBound)", found: "\(value)")
  }

  private static func check(
    _ value: Double, _ range: NumberRange, _ file: String, _ place: String
  ) throws(FileError) {
    guard !range.contains(value) else { return }
    throw FileError(
      .invalid, file: file, place: place, expected: range.description, found: "\(value)")
  }

  private enum Place {
    static let epoch = "/minicnn/progress/epoch"
    static let batch = "/minicnn/progress/batch"
    static let best = "/minicnn/progress/best_epoch"
    static let stopped = "/minicnn/progress/stopped_early"
    static let loss = "/minicnn/progress/running_loss"
    static let correct = "/minicnn/progress/running_correct"
    static let samples = "/minicnn/progress/running_samples"
    static let seconds = "/minicnn/clock/running_seconds"
    static let metricNames = "/minicnn/history/validation_metrics"
    static let metrics = "/minicnn/history/validation_metric_values"
  }

  /// The range of a floating-point number.
  private enum NumberRange: String, CustomStringConvertible {
    case finite = "a finite number"
    case share = "a number from 0 to 1"
    case atLeastZero = "a finite number of at least 0"
    case rate = "a 32-bit float of at least 0"

    var description: String { rawValue }

    func contains(_ value: Double) -> Bool {
      switch self {
      case .finite: value.isFinite
      case .share: value >= 0 && value <= 1
      case .atLeastZero: value >= 0 && value.isFinite
      case .rate: value >= 0 && value <= Double(Float.greatestFiniteMagnitude)
      }
    }
  }

  /// One array of the history, a number for each epoch.
  private struct Column: Sendable {
    let path: String
    let range: NumberRange
    let value: @Sendable (EpochRecord) -> Double?
    let set: @Sendable (inout EpochRecord, Double) -> Void
  }

  private static let columns = [
    Column(
      path: "/minicnn/history/loss", range: .finite, value: { $0.loss }, set: { $0.loss = $1 }),
    Column(
      path: "/minicnn/history/accuracy", range: .share, value: { $0.accuracy },
      set: { $0.accuracy = $1.isNaN ? nil : $1 }),
    // A missing value is NaN in the file; so were losses that were not finite.
    Column(
      path: "/minicnn/history/validation_loss", range: .finite, value: { $0.validationLoss },
      set: { $0.validationLoss = $1.isNaN || $1 == .infinity ? nil : $1 }),
    Column(
      path: "/minicnn/history/validation_accuracy", range: .share,
      value: { $0.validationAccuracy }, set: { $0.validationAccuracy = $1.isNaN ? nil : $1 }),
    Column(
      path: "/minicnn/history/learning_rate", range: .rate, value: { $0.learningRate },
      set: { $0.learningRate = $1 }),
    Column(
      path: "/minicnn/clock/seconds", range: .atLeastZero, value: { $0.seconds },
      set: { $0.seconds = $1 }),
  ]
}
