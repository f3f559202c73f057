import Platform
import Testing

/// The bounds of processor time that control groups state, as containers and batch systems make them.
@Suite struct ProcessorQuotaTests {
  private func quota(
    groups: String, mounts: String, files: [String: String] = [:]
  ) -> Int? {
    ProcessorQuota(groups: Array(groups.utf8), mounts: Array(mounts.utf8)).processors {
      files[$0].map { Array($0.utf8) }
    }
  }

  private func groups(_ groups: String, _ mounts: String) -> [ProcessorQuota.Group] {
    ProcessorQuota(groups: Array(groups.utf8), mounts: Array(mounts.utf8)).groups
  }

  private static let unified =
    "29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
  private static let processor =
    "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct\n"

  // Half of a processor more is one more, and less than one is one.
  @Test(
    arguments: [
      ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000\n", 2), ("1000 100000\n", 1),
      ("250001 50000\n", 6), ("9223372036854775807 1\n", Int.max),
    ] as [(String, Int?)])
  func quotasAreRoundedUp(text: String, processors: Int?) {
    let found = quota(
      groups: "0::/job\n", mounts: Self.unified, files: ["/sys/fs/cgroup/job/cpu.max": text])
    #expect(found == processors)
  }

  @Test(arguments: [
    "", "\n", "200000", "200000 100000 1", "0 100000", "-1 100000", "200000 0", "two one",
    "99999999999999999999 100000", "max",
  ])
  func whatIsNoQuotaBoundsNothing(text: String) {
    let found = quota(
      groups: "0::/\n", mounts: Self.unified, files: ["/sys/fs/cgroup/cpu.max": text])
    #expect(found == nil)
  }

  @Test func theLeastOfTheGroupAndAllAboveItCounts() {
    let files = [
      "/sys/fs/cgroup/slurm/cpu.max": "800000 100000",
      "/sys/fs/cgroup/slurm/job 7/cpu.max": "300000 100000",
      "/sys/fs/cgroup/slurm/job 7/step:0/cpu.max": "max 100000",
      "/sys/fs/cgroup/other/cpu.max": "100000 100000",
    ]
    #expect(
      quota(groups: "0::/slurm/job 7/step:0\n", mounts: Self.unified, files: files) == 3)
    #expect(quota(groups: "0::/slurm\n", mounts: Self.unified, files: files) == 8)
    #expect(quota(groups: "0::/\n", mounts: Self.unified, files: files) == nil)
  }

  @Test func theFirstVersionHasTwoFiles() {
    let groups = "4:memory:/docker/a\n3:cpu,cpuacct:/docker/a\n2:cpuset:/\n0::/\n"
    let folder = "/sys/fs/cgroup/cpu,cpuacct/docker/a"
    func found(_ quota: String, _ period: String) -> Int? {
      self.quota(
        groups: groups, mounts: Self.processor,
        files: ["\(folder)/cpu.cfs_quota_us": quota, "\(folder)/cpu.cfs_period_us": period])
    }
    #expect(found("250000\n", "100000\n") == 3)
    #expect(found("-1\n", "100000\n") == nil)
    #expect(found("250000\n", "") == nil)
  }

  // Both versions at once: the processor belongs to one of them.
  @Test func bothVersionsAreLookedAt() {
    let found = groups(
      "9:name=systemd:/\n2:cpuacct:/\n1:cpu:/a\n0::/b\n",
      "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
        + "33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n"
        + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n")
    #expect(
      found == [
        .init(isUnified: false, top: "/sys/fs/cgroup/cpu", path: ["a"]),
        .init(isUnified: true, top: "/sys/fs/cgroup/unified", path: ["b"]),
      ])
  }

  // Docker mounts a container's own group, and tells the process its path on the host.
  @Test func aContainerSeesItsOwnGroupOnly() {
    func mount(_ root: String) -> String {
      "33 31 0:30 \(root) /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n"
    }
    let own = groups("1:cpu:/docker/a/inner\n", mount("/docker/a"))
    #expect(own == [.init(isUnified: false, top: "/sys/fs/cgroup/cpu", path: ["inner"])])
    // A name that only begins like the group's, and a group outside of what is seen.
    for path in ["/docker/ab", "/../other"] {
      let other = groups("1:cpu:\(path)\n", mount("/docker/a"))
      #expect(other == [.init(isUnified: false, top: "/sys/fs/cgroup/cpu", path: [])])
    }
  }

  @Test func pathsOfMountsAreUnescaped() {
    let found = groups(
      "0::/my group/a\n", #"29 23 0:26 /my\040group /mnt/c\134d\0400 rw - cgroup2 none rw"#)
    #expect(found == [.init(isUnified: true, top: #"/mnt/c\d 0"#, path: ["a"])])
  }

  // Cut anywhere, and each byte replaced: never more than no bound.
  @Test func damagedTextsAreNoFault() {
    let groups = Array("3:cpu,cpuacct:/docker/a\n0::/b\n".utf8)
    let mounts = Array((Self.processor + Self.unified).utf8)
    var bounds = 0
    for count in 0...mounts.count {
      let quota = ProcessorQuota(groups: groups, mounts: Array(mounts.prefix(count)))
      bounds += quota.processors { _ in nil } == nil ? 0 : 1
    }
    for index in groups.indices {
      var changed = groups
      changed[index] = 0xFF
      bounds += ProcessorQuota(groups: changed, mounts: mounts).processors { _ in nil } ?? 0
    }
    #expect(bounds == 0)
  }
}
