import CMPI
import NeuralNetwork
import Platform

/// The library of MPI that a launcher's processes find each other with.
enum MPILibrary {
  /// Opens one and returns its name or path.
  ///
  /// - Parameter wish: the only one to open, or else the first of the ``candidates(for:beside:)`` is.
  /// - Throws: a sentence where there is none.
  static func open(for launcher: Launcher, _ wish: MPIWish) throws(RanksError) -> String {
    if case .file(let path) = wish { return try open(named: path) }
    return try open(
      candidates(for: launcher.family, beside: launcherFolders), for: launcher)
  }

  /// Opens the one that the variable `MINICNN_MPI` names.
  static func open(named path: String) throws(RanksError) -> String {
    guard let reason = load(path) else { return path }
    throw RanksError("MINICNN_MPI names no library of MPI: \(reason)")
  }

  /// Opens the first of some that can be opened.
  static func open(
    _ candidates: [String], for launcher: Launcher
  ) throws(RanksError) -> String {
    var reasons = ""
    for candidate in candidates {
      guard let reason = load(candidate) else { return candidate }
      // One that is not there is no news; one that cannot be loaded is.
      if !reason.utf8.starts(with: "\(candidate): cannot open shared object file".utf8) {
        reasons += " (\(reason))"
      }
    }
    let package = launcher.family == .openMPI ? "openmpi-bin" : "mpich"
    throw RanksError(
      "\(launcher.name) has started \(launcher.count.map { "\($0) processes" } ?? "this process"), but "
        + "there is no library of MPI to join them with\(reasons): install \(package), name the library "
        + "in MINICNN_MPI, or run without a launcher")
  }

  /// The names to try, one after the other: the library of the launcher's own installation, then those
  /// that the system finds, the launcher's kind first.
  static func candidates(for family: Launcher.Family, beside folders: [String]) -> [String] {
    #if canImport(Darwin)
      let openMPI = ["libmpi.40.dylib"]
      let mpich = ["libmpi_abi.1.dylib", "libmpi.12.dylib"]
    #else
      let openMPI = ["libmpi.so.40"]
      // The standard ABI, Debian's MPICH, MPICH elsewhere and what is compatible with it.
      let mpich = ["libmpi_abi.so.1", "libmpi_abi.so.0", "libmpich.so.12", "libmpi.so.12"]
    #endif
    let names = family == .openMPI ? openMPI + mpich : mpich + openMPI
    return folders.flatMap { folder in names.map { "\(folder)/\($0)" } } + names
  }

  /// The folders of libraries that belong to the programs that have started this one, as a `mpirun` outside
  /// of the system's folders (a virtual environment of Python, a module of a cluster) has one that the
  /// system does not look into. Between the launcher and this process there may be a script, whose shell is one of
  /// the system's programs.
  private static var launcherFolders: [String] {
    #if os(Linux)
      var folders: [String] = []
      var process = getppid()
      // The launcher, its helper on this machine, a script.
      for _ in 0..<3 {
        guard process > 1, let program = linkTarget("/proc/\(process)/exe") else { break }
        let parts = program.utf8.split(separator: UInt8(ascii: "/"))
        let root = parts.dropLast(2).map { "/\(Substring($0))" }.joined()
        if !["", "/usr"].contains(root) { folders += ["\(root)/lib", "\(root)/lib64"] }
        process = parentOfProcess(process) ?? 0
      }
      return folders
    #else
      return []
    #endif
  }

  /// Opens a library; why it could not, otherwise.
  static func load(_ path: String) -> String? {
    var failure = cmpi_failure()
    return cmpi_load(path, &failure) == CMPI_DONE ? nil : failure.sentence
  }

  /// What the library calls itself, in short: "Open MPI v4.1.4", "MPICH 4.0.2".
  static var version: String { shortened(String(cString: cmpi_library_version())) }

  static func shortened(_ version: String) -> String {
    let line = version.prefix { $0 != "," && !$0.isNewline }
    let words = line.split { $0.isWhitespace }.filter { $0 != "Version:" }
    return words.joined(separator: " ")
  }
}

extension cmpi_failure {
  /// What MPI or the loader says, on one line.
  var sentence: String {
    let text = withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return text.split { $0.isNewline }.joined(separator: " ")
  }
}
