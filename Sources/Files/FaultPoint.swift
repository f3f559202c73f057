import Platform

/// Points at which a test can make the process die as with `kill -9`, so that what a crash leaves
/// behind is tested at every one of them.
///
/// The environment variable `MINICNN_CRASH_AT` names a point and the pass at which to die:
/// `flushed:3` dies the third time a temporary file has been flushed. Without it nothing happens.
package enum FaultPoint: String, CaseIterable, Sendable {
  /// A step of training is done.
  case step
  /// The temporary file exists and is empty.
  case created
  /// Half of its bytes are written.
  case halfWritten = "half-written"
  /// All of its bytes are written.
  case written
  /// The bytes are on the disk.
  case flushed
  /// One of the files kept from before has its new name.
  case shifted
  /// The file that is about to be replaced is kept under another name.
  case kept
  /// The temporary file has become the target.
  case renamed
  /// The folder is on the disk.
  case folderFlushed = "folder-flushed"

  /// The environment variable that asks for a crash.
  package static let variable = "MINICNN_CRASH_AT"

  /// Dies here if that was asked for.
  package func pass() {
    guard Self.plan?.point == self else { return }
    Self.passed += 1
    if Self.passed == Self.plan?.count { kill(getpid(), SIGKILL) }
  }

  private static let plan: (point: FaultPoint, count: Int)? = {
    guard let text = environmentVariable(variable) else { return nil }
    let parts = text.split(separator: ":")
    guard parts.count == 2, let point = FaultPoint(rawValue: String(parts[0])),
      let count = Int(parts[1])
    else { return nil }
    return (point, count)
  }()

  // One thread saves and counts steps, and a test that asks for a crash has no other.
  nonisolated(unsafe) private static var passed = 0
}
