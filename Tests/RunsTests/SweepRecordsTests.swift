import Files
import TestSupport
import Testing

@testable import Runs

@Suite struct SweepRecordsTests {
  private static let header = "run,seed,epochs,test_accuracy,images,seconds,settings,failure\n"

  private static let records = [
    SweepRecord(
      name: "a-1", settings: "", seed: 1, seconds: 12.25,
      outcome: .finished(epochs: 3, accuracy: 0.98125, images: 10_000)),
    SweepRecord(
      name: "b,\"c\"-2", settings: "schedule=step:every=1,factor=0.5 loss=\"\"\"", seed: .max,
      seconds: 0, outcome: .finished(epochs: 1, accuracy: 1, images: 1)),
    SweepRecord(
      name: "a-3", settings: "epochs=3", seed: 3, seconds: 0.5,
      outcome: .failed("step 2: the loss, \"it\" says, is no longer finite")),
  ]

  private func file(_ text: String) throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Array(text.utf8), to: folder("runs.csv"))
    return (folder, folder("runs.csv"))
  }

  @Test func recordsAreReadBack() throws {
    let (folder, path) = try file(Self.header)
    var records = try SweepRecords(path: path, score: .test)
    for record in Self.records { try records.append(record, to: path) }
    let again = try SweepRecords(path: path, score: .test)
    #expect(again.text == records.text)
    #expect(try String(decoding: WholeFile.read(path), as: UTF8.self) == records.text)
    for record in Self.records { #expect(again[record.name] == record) }
    #expect(again["a-2"] == nil)
    #expect(
      again.text.hasPrefix(Self.header + "\"a-1\",1,3,0.98125,10000,12.25,\"\",\n"))
    withExtendedLifetime(folder) {}
  }

  /// A worker may be killed, or the disk be full, in the middle of a line.
  @Test func aLineThatWasNotEndedIsReplaced() throws {
    let whole = "\(Self.header)a,1,3,0.5,10,1.0,\"\",\n"
    let line = Array("\(Self.records[1].line)\n".utf8)
    for count in stride(from: 0, to: line.count - 1, by: 9) {
      let (folder, path) = try file("")
      // Half a character too is nothing that would stay.
      try AtomicFile.write(Array(whole.utf8) + line[..<count] + [0xC3], to: path)
      var records = try SweepRecords(path: path, score: .test)
      #expect(records.all.map(\.name) == ["a"])
      try records.append(Self.records[2], to: path)
      #expect(
        try String(decoding: WholeFile.read(path), as: UTF8.self)
          == "\(whole)\(Self.records[2].line)\n")
      withExtendedLifetime(folder) {}
    }
  }

  /// An editor may leave out the end of the last line.
  @Test func aWholeLineWithoutItsEndCounts() throws {
    let text = "\(Self.header)a,1,3,0.5,10,1.0,\"\","
    let (folder, path) = try file(text)
    var records = try SweepRecords(path: path, score: .test)
    #expect(records.all.map(\.name) == ["a"])
    try records.append(Self.records[2], to: path)
    #expect(
      try String(decoding: WholeFile.read(path), as: UTF8.self)
        == "\(text)\n\(Self.records[2].line)\n")
    withExtendedLifetime(folder) {}
  }

  @Test(
    arguments: [
      (
        "",
        "r.csv: line 1: expected \(header.dropLast()), found nothing; name another folder"
      ),
      (
        "run,seed\n",
        "r.csv: line 1: expected \(header.dropLast()), found run,seed; name another folder"
      ),
      (
        "\(header)a,1,3,0.5,10,1.0,\"\",\n\nb,1,3,0.5,10,1.0,\"\",\n",
        "r.csv: line 3: expected \(header.dropLast()), found "
      ),
    ]
      + [
        "a,-1,3,0.5,10,1.0,\"\",", "a,1,3,1.5,10,1.0,\"\",", "a,1,3,0.5,10,-1,\"\",",
        "a,1,3,0.5,10,1.0,\"\",why", "a,1,3,,10,1.0,\"\",why", "a,1,,,,1.0,\"\",",
        "\"a,1,3,0.5,10,1.0,,", "a,1,3,0.5,10,1.0,\"x\"y,", ",1,3,0.5,10,1.0,,",
        "a,1,3,0.5,10,1.0,",
      ].map { ("\(header)\($0)\n", "r.csv: line 2: expected \(header.dropLast()), found \($0)") })
  func brokenFilesAreNamed(text: String, message: String) {
    let error = #expect(throws: FileError.self) {
      try SweepRecords(text: text, path: "r.csv", score: .test)
    }
    #expect(error?.description == message)
  }

  @Test func fieldsAreThoseOfTheStandard() {
    #expect(CSV.fields("") == [""])
    #expect(CSV.fields("a,,b") == ["a", "", "b"])
    #expect(CSV.fields("\"a,\"\"b\"\"\",\"\"") == ["a,\"b\"", ""])
    #expect(CSV.fields("a\"b") == nil)
    #expect(CSV.fields("\"a\"b") == nil)
    #expect(CSV.fields("\"a") == nil)
    for text in ["", "\"", "\"\"", ",", "a\"b,c"] {
      #expect(CSV.fields(CSV.quoted(text)) == [text])
    }
  }
}
