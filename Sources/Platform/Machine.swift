/// What the processor calls itself; `nil` where the system does not say.
package var processorName: String? {
  #if os(Linux)
    let key = "model name"
    let line = systemFile("/proc/cpuinfo").flatMap { text in
      text.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: key.utf8) }
    }
    guard let line, let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let words = line[(colon + 1)...].split(separator: UInt8(ascii: " "))
    return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  #else
    return nil
  #endif
}

/// The processors of the machine that are switched on, at least 1.
package var onlineProcessors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// What Linux draws at random each time it starts, the same in all containers of the machine; "" elsewhere.
package var bootID: String {
  systemFile("/proc/sys/kernel/random/boot_id").map { String(decoding: $0, as: UTF8.self) } ?? ""
}

/// The process that has started another one; `nil` where the system does not say.
package func parentOfProcess(_ process: Int32) -> Int32? {
  // "12 (name) S 11 ...", where a name may have spaces and parentheses.
  systemFile("/proc/\(process)/stat").flatMap { text in
    text.split(separator: UInt8(ascii: ")")).last
      .flatMap { $0.split(separator: UInt8(ascii: " ")).dropFirst().first }
      .flatMap { Int32(String(decoding: $0, as: UTF8.self)) }
  }
}

/// Whether a file whose name begins so is loaded into this process; `nil` where the system does not say.
package func isLoaded(library name: String) -> Bool? {
  #if os(Linux)
    guard let maps = systemFile("/proc/self/maps") else { return nil }
    return maps.split(separator: UInt8(ascii: "\n")).contains { line in
      line.split(separator: UInt8(ascii: "/")).last?.starts(with: name.utf8) ?? false
    }
  #else
    return nil
  #endif
}

/// The content of a file of the system, whose length nothing tells before it is read; `nil` where it cannot
/// be read.
func systemFile(_ path: String) -> [UInt8]? {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var content: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    guard let count = try? part.withUnsafeMutableBytes({ try readFully(file, into: $0) }) else {
      return nil
    }
    content += part.prefix(count)
    if count < part.count { return content }
  }
}
