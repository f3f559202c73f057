import Foundation
import TestSupport
import Testing

/// How many threads the tool takes where it may not use the whole machine.
@Suite struct ProcessorTests {
  private func threads(_ program: String, _ arguments: [String]) throws -> Int? {
    let model = Repository.path("Models/lenet5.yaml")
    let outcome = try Program(at: program).run(
      arguments + [Program.path(of: "minicnn"), "summary", model, "--no-time", "--json"],
      in: NSTemporaryDirectory())
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.json()["threads"] as? Int
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset"), "no taskset"))
  func affinityIsHonoured() throws {
    #expect(try threads("/usr/bin/taskset", ["-c", "0"]) == 1)
  }

  /// A control group in which processes of a test may be.
  private struct Group {
    /// Where groups of either version are, and the file that says it.
    private static let places = [
      ("/sys/fs/cgroup", "cpu.max"), ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us"),
    ]
    let folder: String
    var inner: String { "\(folder)/inner" }

    private init(folder: String) { self.folder = folder }

    /// Makes a group with another one in it; `nil` where the machine does not let it.
    static func make() -> Group? {
      for (top, file) in places {
        let group = Group(folder: "\(top)/minicnn-test-\(getpid())")
        guard mkdir(group.folder, 0o755) == 0 else { continue }
        if access("\(group.folder)/\(file)", W_OK) == 0, mkdir(group.inner, 0o755) == 0 {
          return group
        }
        rmdir(group.folder)
      }
      return nil
    }

    /// Half of a processor's time for all in the group.
    func bound() throws {
      let isUnified = access("\(folder)/cpu.max", F_OK) == 0
      let (file, text) = isUnified ? ("cpu.max", "50000 100000") : ("cpu.cfs_quota_us", "50000")
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/\(file)"))
      try handle.write(contentsOf: Data(text.utf8))
      try handle.close()
    }

    func remove() {
      rmdir(inner)
      rmdir(folder)
    }

    static let canBeMade: Bool = {
      let group = make()
      group?.remove()
      return group != nil
    }()
  }

  // The bound is that of a group above the one that the tool is in.
  @Test(.enabled(if: Group.canBeMade, "this machine does not let a test make a control group"))
  func theBoundOfAContainerIsHonoured() throws {
    let group = try #require(Group.make())
    defer { group.remove() }
    let enter = ["-c", "echo $$ > \(group.inner)/cgroup.procs && exec \"$@\"", "sh"]
    let processors = try threads("/bin/sh", enter)
    try group.bound()
    #expect(try threads("/bin/sh", enter) == 1)
    #expect(try threads("/bin/sh", ["-c", "exec \"$@\"", "sh"]) == processors)
  }
}
