import Platform

extension FileError {
  /// The error of the system call that has just failed on a file, in the system's words.
  ///
  /// - Parameters:
  ///   - code: the value of `errno`.
  ///   - action: what was tried, in the infinitive: "open", "write", "rename".
  package static func system(_ code: Int32, file: String, action: String, hint: String? = nil)
    -> FileError
  {
    let kind: Kind = code == ENOENT || code == ENOTDIR ? .missing : .inputOutput
    let reason = String(cString: strerror(code))
    return FileError(
      kind, file: file, found: "cannot \(action): \(reason.lowercasedFirst)", hint: hint)
  }

  /// The error of the system call that has just failed to write a file: whatever the reason, no
  /// input is missing.
  package static func unwritable(_ code: Int32, file: String, action: String = "write") -> FileError
  {
    var error = system(code, file: file, action: action)
    error.kind = .inputOutput
    return error
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
