import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct FileLockTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func oneOwnerAtATimeHasIt() throws {
    try held()
    #expect(try folder.names == [])
    try held()
  }

  /// A lock belongs to the open file, so the same process is refused like any other.
  private func held() throws {
    let lock = try FileLock(for: folder("a"))
    let error = #expect(throws: FileError.self) { _ = try FileLock(for: folder("a")) }
    #expect(
      error?.description
        == "\(folder("a")): process \(getpid()) is writing to it; wait for it to end, or name another file"
    )
    #expect(error?.kind == .inputOutput)
    #expect(try folder.names == [".a.lock"])
    _ = try FileLock(for: folder("b"))
    withExtendedLifetime(lock) {}
  }

  @Test func whoOnlyAsksIsToldThatItIsTaken() throws {
    guard let lock = try FileLock.ifFree(folder("a")) else {
      Issue.record("nobody has it")
      return
    }
    let isKept = lock.isKept
    #expect(isKept)
    if try FileLock.ifFree(folder("a")) != nil { Issue.record("two owners") }
    withExtendedLifetime(lock) {}
  }

  @Test func whoWaitsGetsItWhenItIsFree() throws {
    let path = folder("a")
    try refusedAtLast(path)
    var owner = Self.lock(path)
    #expect(owner != nil)
    let end = Release(owner)
    owner = nil
    let thread = Thread {
      usleep(100_000)
      end.owner.withLock { $0 = nil }
    }
    thread.start()
    let lock = try FileLock.waiting(for: path, seconds: 60)
    #expect(end.owner.withLock { $0 == nil })
    withExtendedLifetime(lock) {}
  }

  // A folder that machines share has locks of theirs.
  @Test func aLockOfAnotherMachineNamesIt() throws {
    let lock = try FileLock(for: folder("a"))
    let handle = try #require(FileHandle(forWritingAtPath: folder(".a.lock")))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data("77 node3\n".utf8))
    let error = #expect(throws: FileError.self) { _ = try FileLock(for: folder("a")) }
    #expect(error?.found == "process 77 on node3 is writing to it")
    withExtendedLifetime(lock) {}
  }

  private func refusedAtLast(_ path: String) throws {
    let lock = try FileLock(for: path)
    let error = #expect(throws: FileError.self) {
      _ = try FileLock.waiting(for: path, seconds: 0)
    }
    #expect(error?.found == "process \(getpid()) is writing to it")
    withExtendedLifetime(lock) {}
  }

  /// A lock that another thread gives up.
  private final class Release: Sendable {
    let owner: Mutex<Owner?>
    init(_ owner: Owner?) { self.owner = Mutex(owner) }
  }

  @Test func aLinkHasTheLockOfItsTarget() throws {
    symlink("a", folder("link"))
    let lock = try FileLock(for: folder("link"))
    #expect(throws: FileError.self) { _ = try FileLock(for: folder("a")) }
    withExtendedLifetime(lock) {}
  }

  @Test func aFileLeftByADeadOwnerHoldsNobodyUp() throws {
    try Data("12345\n".utf8).write(to: URL(fileURLWithPath: folder(".a.lock")))
    _ = try FileLock(for: folder("a"))
    #expect(try folder.names == [])
  }

  @Test func ownersThatComeAndGoNeverMeet() async throws {
    let path = folder("a")
    try await withThrowingTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<200 {
            // Where the lock is free, nobody else is between these two lines.
            guard let lock = Self.lock(path) else { continue }
            let descriptor = open("\(path).owner", O_CREAT | O_EXCL, 0o600)
            #expect(descriptor >= 0)
            close(descriptor)
            unlink("\(path).owner")
            withExtendedLifetime(lock) {}
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try folder.names == [])
  }

  private final class Owner: Sendable {
    let lock: FileLock
    init(_ lock: consuming FileLock) { self.lock = lock }
  }

  private static func lock(_ path: String) -> Owner? {
    do { return Owner(try FileLock(for: path)) } catch { return nil }
  }
}
