import CSandbox

/// A connection that carries messages, each with its length in front.
struct Channel {
  /// The most bytes of a message that brings no elements of an array.
  static let mostBytes = 1 << 24

  let connection: Int32

  /// Sends a message; whether the other side took it.
  func send(_ message: Message) -> Bool {
    var count = message.bytes.count.littleEndian
    return csandbox_send(connection, &count, MemoryLayout<Int>.size) != 0
      && message.bytes.withUnsafeBytes { csandbox_send(connection, $0.baseAddress, $0.count) } != 0
  }

  /// The next message, of at most `limit` bytes; `nil` where the other side has gone, sends more, or
  /// is silent for `milliseconds`.
  func receive(limit: Int, within milliseconds: Int32 = -1) -> [UInt8]? {
    var count = 0
    guard csandbox_receive(connection, &count, MemoryLayout<Int>.size, milliseconds) != 0
    else { return nil }
    count = Int(littleEndian: count)
    guard (0...limit).contains(count) else { return nil }
    var isWhole = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      isWhole = csandbox_receive(connection, buffer.baseAddress, count, milliseconds) != 0
      filled = isWhole ? count : 0
    }
    return isWhole ? bytes : nil
  }
}
