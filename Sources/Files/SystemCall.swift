#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension FileError {
  /// The error of the system call that has just failed on a file, in the system's words.
  ///
  /// - Parameters:
  ///   - code: the value of `errno`.
  ///   - action: what was tried, in the infinitive: "open", "write", "rename".
  public static func system(_ code: Int32, file: String, action: String, hint: String? = nil)
    -> FileError
  {
    let kind: Kind = code == ENOENT || code == ENOTDIR ? .missing : .inputOutput
    let reason = String(cString: strerror(code))
    return FileError(
      kind, file: file, found: "cannot \(action): \(reason.lowercasedFirst)", hint: hint)
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
