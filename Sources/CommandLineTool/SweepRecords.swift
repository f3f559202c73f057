import MiniCNN

/// What one run of a sweep gave.
struct SweepRecord: Equatable {
  let name: String
  let settings: String
  let seed: UInt64
  let epochs: Int
  let accuracy: Double
  let seconds: Double
}

/// The runs of a sweep that are made, in a CSV file that is whole after each of them.
struct SweepRecords {
  private let path: String
  private let header: String
  private var records: [SweepRecord] = []

  /// Reads the file, if there is one.
  init(path: String, score: SweepSpec.Score) throws(FileError) {
    self.path = path
    header = "run,seed,epochs,\(score.rawValue)_accuracy,seconds,settings"
    guard WholeFile.exists(path) else { return }
    let text = String(decoding: try WholeFile.read(path, limit: 1 << 24), as: UTF8.self)
    let lines = text.split(separator: "\n")
    guard lines.first.map(String.init) == header else {
      throw FileError(
        .invalid, file: path, place: "line 1", expected: header,
        found: lines.first.map(String.init) ?? "nothing",
        hint: "--folder names another folder")
    }
    for (number, line) in lines.enumerated().dropFirst() {
      let parts = line.split(separator: ",", maxSplits: 5, omittingEmptySubsequences: false)
      guard parts.count == 6, let seed = UInt64(parts[1]), let epochs = Int(parts[2]),
        let accuracy = Double(parts[3]), let seconds = Double(parts[4])
      else {
        throw FileError(
          .invalid, file: path, place: "line \(number + 1)", expected: header,
          found: String(line))
      }
      records.append(
        SweepRecord(
          name: String(parts[0]), settings: CSV.plain(String(parts[5])), seed: seed,
          epochs: epochs, accuracy: accuracy, seconds: seconds))
    }
  }

  subscript(name: String) -> SweepRecord? { records.first { $0.name == name } }

  /// Adds a run and writes the file.
  mutating func add(_ record: SweepRecord) throws(FileError) {
    records.append(record)
    let lines = records.map {
      "\($0.name),\($0.seed),\($0.epochs),\($0.accuracy),\(Format.fixed($0.seconds, 2)),"
        + CSV.quoted($0.settings)
    }
    let text = ([header] + lines).joined(separator: "\n") + "\n"
    try AtomicFile.write(Array(text.utf8), to: path)
  }
}
