import Platform

/// Memory pages of 2 MiB for large arrays, where the system has them.
///
/// An array of 5 MB takes more than a thousand ordinary pages: each costs a fault when it is first
/// touched, and looking up their addresses slows every pass over it.
package enum LargePages {
  private static let size = 1 << 21

  /// The alignment at which an array of this many bytes should start.
  package static func alignment(of bytes: Int) -> Int { bytes >= 2 * size ? size : 64 }

  /// Asks for large pages under an array that starts at that alignment; small ones are left alone.
  package static func advise(_ start: UnsafeMutableRawPointer, bytes: Int) {
    guard bytes >= 2 * size else { return }
    // Only complete pages, so that nothing beyond the array takes memory.
    adviseLargePages(start, bytes: bytes / size * size)
  }
}
