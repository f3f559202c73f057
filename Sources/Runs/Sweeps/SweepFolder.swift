import Files
import Platform

/// The folder that a sweep keeps its runs in. Any number of workers share it, on any number of machines: each
/// run is made by the one that has its lock, and lines are added to `runs.csv` under a lock that is held
/// for a moment.
final class SweepFolder {
  let path: String
  /// Whether locks keep workers apart: some file systems have none.
  private(set) var hasLocks = true
  private let score: SweepSpec.Score
  /// The files for messages that runs of this process use.
  private var messageNumbers: Set<Int> = []

  /// Makes the folder, or takes one that a sweep has made.
  init(_ path: String, score: SweepSpec.Score) throws(RunError) {
    (self.path, self.score) = (path, score)
    do throws(FileError) {
      try Self.make(path)
      // Another worker might be about to begin here.
      try locked { () throws(FileError) in try Self.refuseStrangers(path) }
    } catch {
      // A lock that somebody has comes with a hint.
      throw .unsuitableFolder(error, isTaken: error.hint != nil)
    }
  }

  /// Makes the folder of a part inside a sweep's folder, without a lock or a file that other parts use.
  convenience init(
    _ path: String, part: SweepPart, score: SweepSpec.Score
  ) throws(RunError) {
    do throws(FileError) {
      try Self.make(path)
      try Self.refuseStrangers(path)
    } catch {
      throw .unsuitableFolder(error, isTaken: false)
    }
    try self.init("\(path)/\(part.folderName)", score: score)
  }

  private static let recordName = "runs.csv"

  /// The file of the records.
  var records: String { self(Self.recordName) }

  /// The path of a file in the folder.
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// The records as they are now.
  func readRecords() throws(FileError) -> SweepRecords {
    try SweepRecords(path: records, score: score)
  }

  /// Makes the folder one of a sweep, if it is not, and returns the records.
  func begin() throws(FileError) -> SweepRecords {
    try locked { () throws(FileError) in
      let records = try readRecords()
      if !WholeFile.exists(self.records) {
        try AtomicFile.write(Array(records.text.utf8), to: self.records)
      }
      return records
    }
  }

  /// Adds records that are not there yet, and returns all.
  func add(_ new: [SweepRecord]) throws(FileError) -> SweepRecords {
    try locked { () throws(FileError) in
      var records = try readRecords()
      for record in new where records[record.name] == nil {
        try records.append(record, to: self.records)
      }
      return records
    }
  }

  /// The records of all parts that there are.
  func recordsOfParts() throws(FileError) -> [SweepRecord] {
    var all: [SweepRecord] = []
    for name in try Self.names(path).sorted() where SweepPart(folderName: name) != nil {
      all += try SweepRecords(path: "\(self(name))/\(Self.recordName)", score: score).all
    }
    return all
  }

  /// The right to make a run; `nil` where another worker has it, or what one that was killed has started is
  /// still saving the run.
  func claim(_ run: String, state: String) throws(FileError) -> SweepClaim? {
    guard let lock = try FileLock.ifFree(self(run)), try FileLock.ifFree(state) != nil else {
      return nil
    }
    return SweepClaim(lock)
  }

  /// A file for the messages of a run that is made in another process, which no other run uses meanwhile.
  func messageFile() throws(FileError) -> SweepMessageFile {
    var number = 1
    while true {
      let path = self(number == 1 ? "messages.txt" : "messages-\(number).txt")
      if messageNumbers.insert(number).inserted {
        if let lock = try FileLock.ifFree(path) {
          return SweepMessageFile(path: path, number: number, lock: SweepClaim(lock))
        }
        messageNumbers.remove(number)
      }
      number += 1
    }
  }

  /// Gives such a file to other runs.
  func release(_ file: SweepMessageFile) { messageNumbers.remove(file.number) }

  /// Does something that is done in a moment while no other worker does such.
  private func locked<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(FileError) -> Result {
    let lock = try FileLock.waiting(for: records)
    hasLocks = lock.isKept
    let result = try body()
    withExtendedLifetime(lock) {}
    return result
  }

  private static func make(_ path: String) throws(FileError) {
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .unwritable(errno, file: path, action: "make the folder")
    }
    _ = try names(path)
  }

  /// Throws where there is something in a folder that is no sweep's. Locks are hidden.
  private static func refuseStrangers(_ folder: String) throws(FileError) {
    guard !WholeFile.exists("\(folder)/\(recordName)"),
      let stranger = try names(folder).first(where: {
        !$0.hasPrefix(".") && SweepPart(folderName: $0) == nil
      })
    else { return }
    throw FileError(
      .inputOutput, file: folder, expected: "an empty folder, or that of a sweep",
      found: "one with \(stranger) in it")
  }

  private static func names(_ folder: String) throws(FileError) -> [String] {
    do throws(SystemError) {
      return try namesInFolder(folder)
    } catch {
      throw .unwritable(error.code, file: folder, action: "open the folder")
    }
  }
}

/// A right that ends with this object, or its process.
final class SweepClaim {
  private let lock: FileLock

  init(_ lock: consuming FileLock) { self.lock = lock }
}

/// A file for the messages of a run; see ``SweepFolder/messageFile()``.
struct SweepMessageFile {
  let path: String
  let number: Int
  fileprivate let lock: SweepClaim
}
