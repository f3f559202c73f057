/// The processor time that the control groups of a process let it use, as containers and batch systems bound
/// it: of both versions of Linux's, the process's own group and all above it.
package struct ProcessorQuota {
  /// The bound of this process in whole processors, rounded up; `nil` where there is none. It is read once:
  /// one that changes later would change no pool of threads that is there.
  package static let ofThisProcess: Int? = {
    #if os(Linux)
      guard let groups = systemFile("/proc/self/cgroup"),
        let mounts = systemFile("/proc/self/mountinfo")
      else { return nil }
      return ProcessorQuota(groups: groups, mounts: mounts).processors(systemFile)
    #else
      return nil
    #endif
  }()

  /// A group of the process, with the folder of the topmost one that can be seen.
  package struct Group: Equatable {
    /// Whether it is one of cgroup v2, whose bound is one file and not two.
    let isUnified: Bool
    let top: String
    /// The names that lead from there to the process's own group.
    let path: [String]

    /// Creates a group.
    package init(isUnified: Bool, top: String, path: [String]) {
      (self.isUnified, self.top, self.path) = (isUnified, top, path)
    }
  }

  /// Those that can bound the processor time.
  package let groups: [Group]

  /// - Parameters:
  ///   - groups: the content of `/proc/self/cgroup`.
  ///   - mounts: that of `/proc/self/mountinfo`.
  package init(groups: [UInt8], mounts: [UInt8]) {
    let mounts = lines(mounts).compactMap { Mount($0) }
    self.groups = lines(groups).compactMap { line in
      // hierarchy:controllers:path, in which the path may have colons.
      let fields = line.split(separator: colon, maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      let isUnified = fields[0].elementsEqual("0".utf8) && fields[1].isEmpty
      guard isUnified || hasProcessor(fields[1]) else { return nil }
      let path = names(fields[2])
      let places = mounts.filter { $0.isUnified == isUnified }
      // A container may see nothing but its own group, under whatever path it has outside.
      guard let place = places.first(where: { path.starts(with: $0.root) }) else {
        return places.first.map { Group(isUnified: isUnified, top: $0.folder, path: []) }
      }
      return Group(
        isUnified: isUnified, top: place.folder, path: Array(path.dropFirst(place.root.count)))
    }
  }

  /// The least bound of all groups in whole processors, rounded up; `nil` where none has one.
  ///
  /// - Parameter read: the content of a file; `nil` where it cannot be read.
  package func processors(_ read: (String) -> [UInt8]?) -> Int? {
    groups.flatMap { group in
      (0...group.path.count).compactMap { depth in
        let folder = ([group.top] + group.path.prefix(depth)).joined(separator: "/")
        return group.isUnified
          ? Self.bound(read("\(folder)/cpu.max"))
          : Self.bound(
            quota: read("\(folder)/cpu.cfs_quota_us"), period: read("\(folder)/cpu.cfs_period_us"))
      }
    }.min()
  }

  /// What a `cpu.max` says: microseconds of every period, and those of a period; `max` for no bound.
  private static func bound(_ text: [UInt8]?) -> Int? {
    let words = text.map(words) ?? []
    return words.count == 2 ? bound(words[0], words[1]) : nil
  }

  /// The same of the two files of cgroup v1, where -1 stands for no bound.
  private static func bound(quota: [UInt8]?, period: [UInt8]?) -> Int? {
    guard let quota = quota.map(words)?.first, let period = period.map(words)?.first else {
      return nil
    }
    return bound(quota, period)
  }

  private static func bound(_ quota: String, _ period: String) -> Int? {
    guard let quota = Int(quota), let period = Int(period), quota > 0, period > 0 else {
      return nil
    }
    let (whole, rest) = quota.quotientAndRemainder(dividingBy: period)
    return rest > 0 ? whole + 1 : whole
  }
}

/// A place where groups that can bound the processor time are mounted.
private struct Mount {
  let isUnified: Bool
  /// The group that is seen there.
  let root: [String]
  let folder: String

  /// Reads a line of `mountinfo`: number, parent, device, root, folder, options, optional fields, `-`, type, source,
  /// options of the type.
  init?(_ line: ArraySlice<UInt8>) {
    let fields = line.split(separator: space)
    guard fields.count > 6,
      let dash = fields[6...].firstIndex(where: { $0.elementsEqual("-".utf8) }),
      fields.count > dash + 3
    else { return nil }
    let (type, options) = (fields[dash + 1], fields[dash + 3])
    isUnified = type.elementsEqual("cgroup2".utf8)
    guard isUnified || type.elementsEqual("cgroup".utf8) && hasProcessor(options) else {
      return nil
    }
    root = names(unescaped(fields[3])[...])
    folder = String(decoding: unescaped(fields[4]), as: UTF8.self)
  }
}

private let (newline, space, colon) = (UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: ":"))

private func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] { text.split(separator: newline) }

private func words(_ text: [UInt8]) -> [String] {
  text.split { $0 == space || $0 == newline }.map { String(decoding: $0, as: UTF8.self) }
}

private func names(_ path: ArraySlice<UInt8>) -> [String] {
  path.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
}

/// Whether the processor's controller is one of a list.
private func hasProcessor(_ controllers: ArraySlice<UInt8>) -> Bool {
  controllers.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual("cpu".utf8) }
}

/// A path of `mountinfo`, in which spaces and the like are a backslash and three octal digits.
private func unescaped(_ path: ArraySlice<UInt8>) -> [UInt8] {
  var bytes: [UInt8] = []
  var rest = path
  while let byte = rest.popFirst() {
    let digits = rest.prefix(3)
    if byte == UInt8(ascii: "\\"), digits.count == 3,
      let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
    {
      bytes.append(value)
      rest = rest.dropFirst(3)
    } else {
      bytes.append(byte)
    }
  }
  return bytes
}
