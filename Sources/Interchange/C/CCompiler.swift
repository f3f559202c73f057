import Files
import Platform

/// A C compiler of this machine, which shows what a C file computes.
struct CCompiler {
  private let program: String
  private let arguments: [String]

  /// The first of `$CC`, cc, clang and gcc that is there; `nil` where none is.
  init?() {
    let wanted = environmentVariable("CC").map { [$0] } ?? []
    for words in (wanted + ["cc", "clang", "gcc"]).map({ $0.split(separator: " ").map(String.init) }
    ) {
      guard let name = words.first, let path = Self.path(of: name) else { continue }
      (program, arguments) = (path, Array(words.dropFirst()))
      return
    }
    return nil
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
    do throws(SystemError) {
      let process = try spawn(
        program, arguments, environment: environmentEntries,
        files: [
          (STDIN_FILENO, .path(input, flags: O_RDONLY)),
          (STDOUT_FILENO, .path("\(folder)/output", flags: writing, mode: 0o600)),
          (STDERR_FILENO, .path(messages, flags: writing, mode: 0o600)),
        ])
      while waitpid(process, &status, 0) < 0 {
        guard errno == EINTR else { throw SystemError() }
      }
    } catch {
      throw .system(error.code, file: program, action: "run")
    }
    guard status == 0 else {
      let text = String(decoding: try WholeFile.start(of: messages, count: 4096), as: UTF8.self)
      let line = text.split(separator: "\n").first { $0.contains("error") }
      throw FileError(
        .invalid, file: file,
        found: "\(program) does not \(action) it: \(line ?? "status \(status)")")
    }
  }
}
