import Files
import Platform

/// A C compiler of this machine, which shows what a C file computes.
struct CCompiler {
  /// What a program gets to compile or to run: the largest models take some seconds.
  private static let mostSeconds = 120
  private let program: String
  private let arguments: [String]

  /// The first of `$CC`, cc, clang and gcc whose programs run here, which those of a cross compiler do not; `nil` where
  /// there is none.
  init?() {
    let wanted = environmentVariable("CC").map { [$0] } ?? []
    let commands = wanted + ["cc", "clang", "gcc"]
    guard let found = commands.lazy.compactMap({ Self($0) }).first(where: \.worksHere) else {
      return nil
    }
    self = found
  }

  private init?(_ command: String) {
    let words = command.split(separator: " ").map(String.init)
    guard let name = words.first, let path = Self.path(of: name) else { return nil }
    (program, arguments) = (path, Array(words.dropFirst()))
  }

  private var worksHere: Bool {
    let least = (name: "least.c", bytes: Array("int main(void) { return 0; }\n".utf8))
    return (try? output(of: [least], input: [], for: program, limit: 0)) != nil
  }

  /// Where a program is that the shell would find by this name.
  private static func path(of name: String) -> String? {
    guard !name.utf8.contains(UInt8(ascii: "/")) else {
      return access(name, X_OK) == 0 ? name : nil
    }
    let folders = environmentVariable("PATH")?.split(separator: ":") ?? []
    return folders.lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  /// Compiles files into a program, runs it in a folder of its own, which is removed, and returns what it prints.
  ///
  /// - Parameters:
  ///   - sources: the files with their names, all of which are compiled.
  ///   - input: what the program reads.
  ///   - file: what an error names.
  ///   - limit: the most bytes it may print.
  ///   - level: how the compiler optimizes.
  func output(
    of sources: [(name: String, bytes: [UInt8])], input: [UInt8], for file: String, limit: Int,
    level: String = "-O2"
  ) throws(FileError) -> [UInt8] {
    let folder = try ScratchFolder()
    for source in sources { try folder.write(source.bytes, to: source.name) }
    try folder.write(input, to: "input")
    let compiling = ["-std=c99", level, "-o", "\(folder.path)/program"]
    try run(
      program, arguments + compiling + sources.map { "\(folder.path)/\($0.name)" } + ["-lm"],
      in: folder.path, input: "/dev/null", for: file, action: "compile")
    try run(
      "\(folder.path)/program", [], in: folder.path, input: "\(folder.path)/input", for: file,
      action: "run")
    return try WholeFile.read("\(folder.path)/output", limit: limit)
  }

  private func run(
    _ program: String, _ arguments: [String], in folder: String, input: String, for file: String,
    action: String
  ) throws(FileError) {
    let messages = "\(folder)/messages"
    let writing = O_WRONLY | O_CREAT | O_TRUNC
    var status: Int32 = 0
    let isDone: Bool
    do throws(SystemError) {
      let process = try spawn(
        program, arguments, environment: environmentEntries,
        files: [
          (STDIN_FILENO, .path(input, flags: O_RDONLY)),
          (STDOUT_FILENO, .path("\(folder)/output", flags: writing, mode: 0o600)),
          (STDERR_FILENO, .path(messages, flags: writing, mode: 0o600)),
        ])
      isDone = try wait(for: process, &status)
    } catch {
      throw .system(error.code, file: program, action: "run")
    }
    guard isDone else {
      throw FileError(
        .invalid, file: file,
        found: "\(program) does not \(action) it within \(Self.mostSeconds) seconds")
    }
    guard status == 0 else {
      let text = String(decoding: try WholeFile.start(of: messages, count: 4096), as: UTF8.self)
      let line = text.split(separator: "\n").first { $0.contains("error") }
      throw FileError(
        .invalid, file: file,
        found: "\(program) does not \(action) it: \(line ?? "status \(status)")")
    }
  }

  /// Waits for a program to end; `false` where it does not in time, and is killed with all that it has started.
  private func wait(for process: pid_t, _ status: inout Int32) throws(SystemError) -> Bool {
    let step = 10_000
    for _ in 0..<Self.mostSeconds * 1_000_000 / step {
      let ended = waitpid(process, &status, WNOHANG)
      if ended == process { return true }
      guard ended == 0 || errno == EINTR else { throw SystemError() }
      usleep(useconds_t(step))
    }
    kill(-process, SIGKILL)
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return false
  }
}
