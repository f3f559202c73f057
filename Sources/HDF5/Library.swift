import CHDF5
import Files
import Synchronization

/// The one way into libhdf5.
///
/// The library is not safe for threads as distributions build it, so every call is made inside
/// ``locked(_:)``. The lock is not recursive: what runs inside must not call it again, which is why
/// only the public types take it, once per operation, and ``Handle`` assumes it is held.
enum Library {
  private static let isReady = Mutex(false)
  private static let filesNamed = Atomic(0)

  /// A name for a file in memory. libhdf5 tells such files apart by their names alone: two of one
  /// name that are open at once would share one content.
  static func uniqueFileName() -> String {
    "minicnn-\(filesNamed.wrappingAdd(1, ordering: .relaxed).newValue)"
  }

  /// Runs `body` while no other thread is inside libhdf5.
  static func locked<Result: Sendable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try isReady.withLock { (isReady) throws(Failure) in
      if !isReady {
        // At exit another thread may still be inside; there is nothing to flush, as no file of ours
        // is on a disk.
        H5dont_atexit()
        H5open()
        // A file must not be able to make the library load code.
        H5PLset_loading_state(0)
        isReady = true
      }
      // Errors are thrown, not printed. The setting belongs to a thread where the library knows threads.
      H5Eset_auto2(chdf5_error_stack(), nil, nil)
      return try body()
    }
  }

  /// The most specific message of the call that has just failed: the innermost of the stack.
  static func lastMessage() -> String {
    var message: String?
    withUnsafeMutablePointer(to: &message) { message in
      _ = H5Ewalk2(
        chdf5_error_stack(), H5E_WALK_UPWARD,
        { _, record, context in
          let message = context?.assumingMemoryBound(to: String?.self)
          if message?.pointee == nil, let text = record?.pointee.desc {
            message?.pointee = String(cString: text)
          }
          return 0
        }, message)
    }
    return message ?? "HDF5 gave no reason"
  }
}
