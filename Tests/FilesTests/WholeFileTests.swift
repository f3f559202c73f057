import Files
import Foundation
import TestSupport
import Testing

@Suite struct WholeFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func message(reading path: String, limit: Int = 1 << 20) -> FileError? {
    #expect(throws: FileError.self) { try WholeFile.read(path, limit: limit) }
  }

  @Test(arguments: [0, 1, 100_000])
  func aFileIsReadWhole(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try Data(bytes).write(to: URL(fileURLWithPath: folder("a")))
    #expect(try WholeFile.read(folder("a")) == bytes)
  }

  @Test func aLinkIsFollowed() throws {
    try Data([1, 2]).write(to: URL(fileURLWithPath: folder("a")))
    symlink("a", folder("b"))
    #expect(try WholeFile.read(folder("b")) == [1, 2])
  }

  @Test func aMissingFileIsNamed() {
    let error = message(reading: folder("none"))
    #expect(error?.kind == .missing)
    #expect(error?.description == "\(folder("none")): cannot open: no such file or directory")
  }

  @Test func aFolderIsRefused() {
    #expect(
      message(reading: folder.path)?.description
        == "\(folder.path): expected a regular file, found a folder")
  }

  #if os(Linux)
    /// What cannot be read is not taken for an empty file. This one is regular, and nothing of it can
    /// be read at its start.
    @Test func aStartThatCannotBeReadIsNamed() {
      let error = #expect(throws: FileError.self) {
        try WholeFile.start(of: "/proc/self/mem", count: 8)
      }
      #expect(error?.kind == .inputOutput)
      #expect(error?.description == "/proc/self/mem: cannot read: input/output error")
    }
  #endif

  @Test func aPipeDoesNotHang() {
    #expect(mkfifo(folder("pipe"), 0o600) == 0)
    #expect(
      message(reading: folder("pipe"))?.description
        == "\(folder("pipe")): expected a regular file, found a pipe")
  }

  @Test(arguments: ["/dev/zero", "/dev/null"])
  func aDeviceIsRefused(path: String) {
    #expect(
      message(reading: path)?.description == "\(path): expected a regular file, found a device")
  }

  @Test func aFileTooLargeIsRefusedBeforeItIsRead() throws {
    try Data().write(to: URL(fileURLWithPath: folder("sparse")))
    #expect(truncate(folder("sparse"), 1 << 40) == 0)
    #expect(
      message(reading: folder("sparse"), limit: 1000)?.description
        == "\(folder("sparse")): expected a file of at most 1000 bytes, found 1099511627776 bytes")
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func aFileWithoutRightsIsNamed() throws {
    try Data([1]).write(to: URL(fileURLWithPath: folder("a")))
    chmod(folder("a"), 0)
    let error = message(reading: folder("a"))
    #expect(error?.kind == .inputOutput)
    #expect(error?.description == "\(folder("a")): cannot open: permission denied")
  }
}
