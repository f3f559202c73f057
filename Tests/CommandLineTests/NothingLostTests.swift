import Foundation
import TestSupport
import Testing

/// Where a state cannot be saved, a clear line says so, and what was there stays.
@Suite(.serialized) struct NothingLostTests {
  private static let train = "train --model small.yaml --data data"

  @Test func aSecondRunOnAPathIsRefused() throws {
    let place = try Workplace(images: 6000)
    var refused: [Program.Outcome] = []
    let first = try place.run("\(Self.train) --epochs 1000 --checkpoint-every 20") { process in
      for _ in 0..<5000 where !FileManager.default.fileExists(atPath: place("small.weights.h5")) {
        usleep(1000)
      }
      for second in ["train --resume small.weights.h5", "\(Self.train) --overwrite"] {
        if let outcome = try? place.run(second) { refused.append(outcome) }
      }
      #expect(
        refused.map(\.errors)
          == Array(
            repeating:
              "error: small.weights.h5: process \(process) is writing to it; wait for it to end, or name another file\n",
            count: 2))
      kill(process, SIGKILL)
    }
    #expect(refused.map(\.status) == [74, 74])
    #expect(first.status == 128 + SIGKILL)
    // The lock went with its process, although its file did not.
    #expect(try place.names.contains(".small.weights.h5.lock"))
    #expect(try place.run("train --resume small.weights.h5 --max-steps 1").status == 0)
    #expect(try !place.names.contains(".small.weights.h5.lock"))
  }

  @Test func whatIsNoCheckpointIsNotReplaced() throws {
    let place = try Workplace()
    try place.write("notes", to: "small.2.weights.h5")
    for (file, flags) in [
      ("small.yaml", "--checkpoint small.yaml"),
      ("data/train-labels-idx1-ubyte", "--checkpoint data/train-labels-idx1-ubyte"),
      ("small.2.weights.h5", "--keep 2"),
    ] {
      let before = try place.bytes(file)
      let outcome = try place.run("\(Self.train) --overwrite \(flags)")
      #expect(
        outcome.errors
          == "error: \(file): expected a checkpoint to replace, found another file; name another file, or remove this one\n"
      )
      #expect(try outcome.status == 74 && place.bytes(file) == before)
    }
    // An empty file is no loss.
    try place.write("", to: "small.2.weights.h5")
    #expect(try place.run("\(Self.train) --overwrite").status == 0)
  }

  @Test func aFullDiskLosesNothing() throws {
    let place = try Workplace()
    let disk = place("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    // Only root may mount; elsewhere the limit below takes the disk's place.
    guard geteuid() == 0, system("mount -t tmpfs -o size=256k tmpfs '\(disk)' 2>/dev/null") == 0
    else { return }
    defer { _ = system("umount '\(disk)'") }
    #expect(try place.run("\(Self.train) --checkpoint disk/a.weights.h5").status == 0)
    let before = try place.bytes("disk/a.weights.h5")
    // Leaves half of what another state takes.
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: disk)
    let free = try #require(attributes[.systemFreeSize] as? Int)
    try place.write([UInt8](repeating: 7, count: free - before.count / 2), to: "disk/filler")
    let outcome = try place.run("train --resume disk/a.weights.h5 --epochs 3")
    #expect(outcome.status == 74)
    #expect(
      outcome.errors.hasSuffix(
        "error: disk/a.weights.h5: cannot write: no space left on device\n"))
    #expect(try place.bytes("disk/a.weights.h5") == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: disk).sorted()
        == ["a.weights.h5", "filler"])
    // With room again the run is resumed.
    try FileManager.default.removeItem(atPath: "\(disk)/filler")
    #expect(try place.run("train --resume disk/a.weights.h5 --epochs 3").status == 0)
  }

  @Test func aFileThatMayNotGrowLosesNothing() throws {
    let place = try Workplace()
    #expect(try place.run(Self.train).status == 0)
    let before = try place.bytes("small.weights.h5")
    // 8 blocks of 512 bytes are less than a state; the signal must not end the program.
    let tool = Program.path(of: "minicnn")
    let status = system(
      "cd '\(place.folder.path)' && trap '' XFSZ && ulimit -f 8 && '\(tool)' train --resume small.weights.h5 --epochs 3 2>errors >output"
    )
    #expect(status >> 8 == 74)
    let errors = String(decoding: try place.bytes("errors"), as: UTF8.self)
    #expect(errors.hasSuffix("error: small.weights.h5: cannot write: file too large\n"))
    #expect(try place.bytes("small.weights.h5") == before)
    #expect(try place.names == ["data", "errors", "output", "small.weights.h5", "small.yaml"])
  }

  @Test func aReadOnlyFileSystemIsNamedBeforeTheRunBegins() throws {
    let place = try Workplace()
    let disk = place("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    guard geteuid() == 0, system("mount -t tmpfs -o ro tmpfs '\(disk)' 2>/dev/null") == 0 else {
      return
    }
    defer { _ = system("umount '\(disk)'") }
    let outcome = try place.run("\(Self.train) --checkpoint disk/a.weights.h5")
    #expect(outcome.status == 74)
    #expect(
      outcome.errors == "error: disk/a.weights.h5: cannot write: read-only file system\n")
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func missingRightsAreNamedBeforeTheRunBegins() throws {
    let place = try Workplace()
    chmod(place.folder.path, 0o500)
    defer { chmod(place.folder.path, 0o700) }
    let outcome = try place.run(Self.train)
    #expect(outcome.status == 74)
    #expect(outcome.errors == "error: small.weights.h5: cannot write: permission denied\n")
  }
}
