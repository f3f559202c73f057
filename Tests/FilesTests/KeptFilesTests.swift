import Files
import Foundation
import TestSupport
import Testing

@Suite struct KeptFilesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ value: UInt8, keep: Int) throws {
    let kept = keep == 0 ? [] : (1...keep).map { folder("\($0)") }
    try AtomicFile.write([value], to: folder("a"), keepingOldAt: kept)
  }

  /// The first byte of each file, those that are missing left out.
  private func content() throws -> [String: UInt8] {
    try folder.names.reduce(into: [:]) { $0[$1] = try WholeFile.read(folder($1)).first }
  }

  @Test func theOnesBeforeAreKeptNewestFirst() throws {
    for value: UInt8 in 1...5 { try write(value, keep: 3) }
    #expect(try content() == ["a": 5, "1": 4, "2": 3, "3": 2])
    try write(6, keep: 0)
    #expect(try content() == ["a": 6, "1": 4, "2": 3, "3": 2])
    try write(7, keep: 1)
    #expect(try content() == ["a": 7, "1": 6, "2": 3, "3": 2])
  }

  @Test func aGapThatACrashLeftIsFilledFirst() throws {
    for value: UInt8 in 1...4 { try write(value, keep: 3) }
    // As after a crash between the two renames of a shift.
    rename(folder("2"), folder("3"))
    try write(5, keep: 3)
    #expect(try content() == ["a": 5, "1": 4, "2": 3, "3": 2])
  }

  @Test func whatACrashHasKeptAlreadyIsNotKeptTwice() throws {
    for value: UInt8 in 1...2 { try write(value, keep: 2) }
    // As after a crash between the keeping and the renaming.
    rename(folder("1"), folder("2"))
    link(folder("a"), folder("1"))
    try write(3, keep: 2)
    #expect(try content() == ["a": 3, "1": 2, "2": 1])
  }

  @Test func anObstacleInTheWayLosesNothing() throws {
    for value: UInt8 in 1...2 { try write(value, keep: 2) }
    try FileManager.default.createDirectory(
      atPath: folder("2/x"), withIntermediateDirectories: true)
    let error = #expect(throws: FileError.self) { try write(3, keep: 2) }
    #expect(error?.description == "\(folder("2")): cannot rename: is a directory")
    try FileManager.default.removeItem(atPath: folder("2"))
    #expect(try content() == ["a": 2, "1": 1])
  }
}
