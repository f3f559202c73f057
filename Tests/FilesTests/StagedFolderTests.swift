import Foundation
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Files

@Suite struct StagedFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Replaces the folder `out` by one that holds a file of this name.
  private func replace(
    with name: String, exchanges: Bool = true, _ meanwhile: () throws -> Void = {}
  ) throws {
    try Self.replace(folder("out"), with: name, exchanges: exchanges, meanwhile)
  }

  private static func replace(
    _ path: String, with name: String, exchanges: Bool = true, _ meanwhile: () throws -> Void = {}
  ) throws {
    var staged = try StagedFolder(path) { $0.hasPrefix("data") }
    if !exchanges {
      staged.exchanging = { (_, _) throws(SystemError) in false }
    }
    try staged.write([1], to: name)
    try meanwhile()
    try staged.commit()
  }

  private func make(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder(name), withIntermediateDirectories: true)
  }

  private func names(_ path: String = "out") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder(path)).sorted()
  }

  @Test(arguments: [true, false])
  func theNewFolderTakesThePlaceOfTheOld(exchanges: Bool) throws {
    for name in ["data1", "data2", "data3"] {
      try replace(with: name, exchanges: exchanges)
      #expect(try names() == [name] && folder.names == ["out"])
    }
  }

  /// Whoever looks sees the old one or the new one.
  @Test func thereIsAFolderAtEveryMoment() throws {
    try replace(with: "data")
    let path = folder("out")
    let isDone = Atomic(false)
    let missed = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 2) { worker in
      if worker == 0 {
        for number in 0..<300 { try? Self.replace(path, with: "data\(number)") }
        isDone.store(true, ordering: .relaxed)
      } else {
        while !isDone.load(ordering: .relaxed) {
          if access(path, F_OK) != 0 { missed.add(1, ordering: .relaxed) }
        }
      }
    }
    #expect(missed.load(ordering: .relaxed) == 0)
    #expect(try names() == ["data299"])
  }

  @Test(arguments: [true, false])
  func whatHasComeInMeanwhileIsNotLost(exchanges: Bool) throws {
    try replace(with: "data1")
    let error = #expect(throws: FileError.self) {
      try replace(with: "data2", exchanges: exchanges) {
        _ = try folder.write("out/thesis.txt", [2])
      }
    }
    #expect(
      folder.sentence(error)
        == "out: expected a folder that can be replaced, found thesis.txt, which was not written so"
    )
    #expect(try names() == ["data1", "thesis.txt"] && folder.names == ["out"])
  }

  @Test func aFolderThatHasAppearedMeanwhileStays() throws {
    func appear() throws {
      let staged = try StagedFolder(folder("out"))
      try staged.write([1], to: "data")
      try make("out")
      _ = try folder.write("out/data9", [1])
      try staged.commit()
    }
    let error = #expect(throws: FileError.self) { try appear() }
    #expect(
      folder.sentence(error) == "out: expected no such folder, or an empty one, found data9 in it")
    #expect(try names() == ["data9"] && folder.names == ["out"])
  }

  @Test func anExchangeThatFailsChangesNothing() throws {
    func fail() throws {
      var staged = try StagedFolder(folder("out")) { _ in true }
      staged.exchanging = { (_, _) throws(SystemError) in throw SystemError(code: EIO) }
      try staged.commit()
    }
    try replace(with: "data1")
    let error = #expect(throws: FileError.self) { try fail() }
    #expect(folder.sentence(error) == "out: cannot replace: input/output error")
    #expect(try names() == ["data1"] && folder.names == ["out"])
  }

  /// Killed between the two steps of a file system that cannot exchange.
  @Test func theOldFolderIsPutBackWhereTheNewOneIsNotThere() throws {
    for name in [".out.77-0.tmp", ".out.77-0.tmp.old", ".other.77-0.tmp.old", ".out.tmp.old.d"] {
      try make(name)
      _ = try folder.write("\(name)/data", [1])
    }
    _ = try folder.write(".out.77-0.tmp.old/data-old", [1])
    let error = #expect(throws: FileError.self) { _ = try StagedFolder(folder("out")) }
    #expect(
      folder.sentence(error) == "out: expected no such folder, or an empty one, found data in it")
    #expect(try names() == ["data", "data-old"])
    #expect(try folder.names == [".other.77-0.tmp.old", ".out.tmp.old.d", "out"])
  }

  @Test func whatAKilledProgramHasLeftIsRemoved() throws {
    for name in ["out", ".out.77-0.tmp/train", ".out.78-0.tmp.old"] {
      try make(name)
      _ = try folder.write("\(name)/data", [1])
    }
    _ = try StagedFolder(folder("out")) { _ in true }
    #expect(try names() == ["data"] && folder.names == ["out"])
  }

  @Test func whatALivingProgramNeedsStays() throws {
    let staged = try StagedFolder(folder("out"))
    _ = try StagedFolder(folder("out"))
    try staged.write([1], to: "data")
    try staged.commit()
    #expect(try names() == ["data"] && folder.names == ["out"])
  }
}
