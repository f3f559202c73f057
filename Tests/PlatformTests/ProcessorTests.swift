import Platform
import Testing

@Suite struct ProcessorTests {
  /// The numbers of a list such as `0-3,8`, as the kernel writes it.
  private func numbers(_ list: some StringProtocol) -> Set<Int> {
    Set(
      list.split(separator: ",").flatMap { part in
        let ends = part.split(separator: "-").compactMap { Int(String($0.filter(\.isNumber))) }
        return ends.isEmpty ? [] : Array(ends[0]...ends[ends.count - 1])
      })
  }

  private func text(_ path: String) throws -> String {
    let file = open(path, O_RDONLY)
    try #require(file >= 0)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = try bytes.withUnsafeMutableBytes { try readFully(file, into: $0) }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  #if os(Linux)
    @Test func theMaskIsTheKernels() throws {
      let status = try text("/proc/thread-self/status").split(separator: "\n")
      let line = try #require(status.first { $0.hasPrefix("Cpus_allowed_list:") })
      let allowed = numbers(line.dropFirst("Cpus_allowed_list:".count))
      let online = numbers(try text("/sys/devices/system/cpu/online"))
      #expect(processorsOfThisProcess == allowed.intersection(online).sorted())
    }
  #endif

  @Test func thereIsAtLeastOneProcessor() {
    #expect(1...max(1, processorsOfThisProcess.count) ~= availableProcessors)
  }
}
