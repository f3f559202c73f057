import CHDF5
import Files

/// An object in a file, for errors: it turns the codes of libhdf5 into a `FileError`.
struct Place {
  /// The path of the file, as the user wrote it.
  let file: String
  /// The path of the object in the file.
  let object: String
  /// What a failure means: `.invalid` for a file that is read, `.inputOutput` for one that is written.
  let kind: FileError.Kind

  /// The error of the call of libhdf5 that has just failed.
  func failure(_ action: String) -> FileError {
    let message = Library.lastMessage()
    let isDamaged = message.contains("Fletcher32")
    return FileError(
      kind, file: file, place: object, found: "cannot \(action): \(message)",
      hint: isDamaged ? "the file is damaged; use an earlier copy" : nil)
  }

  /// The error of content that is not what was asked for.
  func mismatch(expected: String, found: String, hint: String? = nil) -> FileError {
    FileError(.invalid, file: file, place: object, expected: expected, found: found, hint: hint)
  }

  /// Throws if a call returned a negative code; returns the code.
  @discardableResult
  func check<Code: SignedInteger>(_ code: Code, _ action: String) throws(FileError) -> Code {
    guard code >= 0 else { throw failure(action) }
    return code
  }

  /// Owns the object a call returned, or throws.
  func handle(_ id: hid_t, _ action: String) throws(FileError) -> Handle {
    guard id >= 0 else { throw failure(action) }
    return Handle(id: id)
  }
}
