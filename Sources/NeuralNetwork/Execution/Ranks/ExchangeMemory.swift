/// Memory that grows to the most that was ever asked for.
final class ExchangeMemory {
  private var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  deinit { bytes.deallocate() }

  /// Makes room for so many bytes; what was there is lost where there was less.
  func makeRoom(_ count: Int) {
    guard count > bytes.count else { return }
    bytes.deallocate()
    bytes = .allocate(byteCount: count, alignment: 64)
  }

  subscript(start: Int, count: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + count])
  }

  /// Floats from this byte on.
  func floats(_ start: Int) -> UnsafeMutablePointer<Float> {
    guard let base = bytes.baseAddress else { fatalError("memory that nobody has made room for") }
    return (base + start).assumingMemoryBound(to: Float.self)
  }
}

extension Int {
  /// This number of bytes, rounded up to whole cache lines.
  var padded: Int { (self + 63) / 64 * 64 }
}
