import Files
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func message(writing path: String) -> FileError? {
    let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
    // The check before a training has to find what the write after it would.
    let early = #expect(throws: FileError.self) { try AtomicFile.verifyWritable(path) }
    #expect(early == error)
    return error
  }

  private func permissions(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func aFileIsWrittenAndReplaced() throws {
    try AtomicFile.write([1, 2, 3], to: folder("a"))
    #expect(try WholeFile.read(folder("a")) == [1, 2, 3])
    try AtomicFile.write([4], to: folder("a"))
    #expect(try WholeFile.read(folder("a")) == [4])
    #expect(try folder.names == ["a"])
  }

  @Test func aNewFileHasThePermissionsOfTheUmaskAndAReplacedOneItsOwn() throws {
    let mask = umask(0)
    umask(mask)
    try AtomicFile.write([1], to: folder("a"))
    #expect(try permissions(folder("a")) == 0o666 & ~Int(mask))
    chmod(folder("a"), 0o600)
    try AtomicFile.write([2], to: folder("a"))
    #expect(try permissions(folder("a")) == 0o600)
  }

  @Test func aLinkStaysAndItsTargetIsReplaced() throws {
    try FileManager.default.createDirectory(
      atPath: folder("sub"), withIntermediateDirectories: false)
    symlink("sub/real", folder("link"))
    symlink("link", folder("second"))
    for value: UInt8 in [1, 2] {
      try AtomicFile.write([value], to: folder("second"))
      #expect(try WholeFile.read(folder("sub/real")) == [value])
    }
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder("second")) == "link")
    #expect(try folder.names == ["link", "second", "sub"])
  }

  @Test func aCircleOfLinksIsRefused() {
    symlink("b", folder("a"))
    symlink("a", folder("b"))
    #expect(
      message(writing: folder("a"))?.description
        == "\(folder("a")): cannot write: too many levels of symbolic links")
  }

  @Test func temporariesOfTheDeadAreRemovedAndOthersStay() throws {
    let stay = [".a.12x.tmp", ".b.123-0.tmp", "a.1.tmp"]
    for name in stay + [".a.123-0.tmp", ".a.\(getpid())-0.tmp"] {
      try Data([1]).write(to: URL(fileURLWithPath: folder(name)))
    }
    let living = open(folder(".a.77-0.tmp"), O_RDWR | O_CREAT, 0o600)
    #expect(flock(living, LOCK_EX) == 0)
    try AtomicFile.write([1], to: folder("a"))
    #expect(try folder.names == ([".a.77-0.tmp", "a"] + stay).sorted())
    close(living)
    try AtomicFile.write([1], to: folder("a"))
    #expect(try folder.names == (["a"] + stay).sorted())
  }

  @Test func writersOfOnePathDoNotDisturbEachOther() async throws {
    let path = folder("a")
    try await withThrowingTaskGroup { group in
      for value in UInt8(0)..<20 {
        group.addTask {
          try AtomicFile.write([UInt8](repeating: value, count: 5000), to: path)
          let bytes = try WholeFile.read(path)
          #expect(bytes.count == 5000 && Set(bytes).count == 1)
        }
      }
      try await group.waitForAll()
    }
    #expect(try folder.names == ["a"])
  }

  @Test func aLongNameCanBeWritten() throws {
    let name = String(repeating: "n", count: 255)
    try AtomicFile.write([1], to: folder(name))
    #expect(try folder.names == [name])
  }

  @Test func aCheckTouchesNothing() throws {
    try AtomicFile.verifyWritable(folder("a"))
    #expect(try folder.names == [])
    try AtomicFile.write([1], to: folder("a"))
    try AtomicFile.verifyWritable(folder("a"))
    #expect(try WholeFile.read(folder("a")) == [1])
    #expect(try folder.names == ["a"])
  }

  @Test func aMissingFolderIsNamed() {
    let path = folder("no/such/a")
    let error = message(writing: path)
    #expect(error?.kind == .inputOutput)
    #expect(error?.description == "\(path): the folder \(folder("no/such")) does not exist")
  }

  @Test(arguments: ["", "/", "/.", "/.."])
  func aFolderIsRefused(suffix: String) {
    let path = folder.path + suffix
    #expect(
      message(writing: path)?.description == "\(path): expected a path to a file, found a folder")
  }

  @Test func aDeviceIsRefused() {
    #expect(
      message(writing: "/dev/null")?.description
        == "/dev/null: expected a path to a file, found a device")
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func missingRightsAreNamed() throws {
    try AtomicFile.write([1], to: folder("a"))
    chmod(folder("a"), 0o400)
    #expect(
      message(writing: folder("a"))?.description
        == "\(folder("a")): cannot write: permission denied")
    chmod(folder.path, 0o500)
    defer { chmod(folder.path, 0o700) }
    #expect(
      message(writing: folder("b"))?.description
        == "\(folder("b")): cannot write: permission denied")
  }

  #if os(Linux)
    @Test func aFileSystemThatRefusesIsNamed() {
      let error = message(writing: "/proc/a")
      #expect(error?.kind == .inputOutput)
      #expect(error?.description == "/proc/a: cannot write: no such file or directory")
    }
  #endif
}
