import Platform

/// What one rank sends to the others, and where what they send goes, for one exchange after the other.
///
/// Allocated once, so that a step of training allocates nothing.
package struct Parcels {
  private var sent: [UnsafeRawBufferPointer]
  private var received: [UnsafeMutableRawBufferPointer]

  /// - Parameter ranks: how many there are.
  package init(_ ranks: Int) {
    sent = Array(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: ranks)
    received = Array(repeating: UnsafeMutableRawBufferPointer(start: nil, count: 0), count: ranks)
  }

  /// Sends bytes to a rank with the next exchange.
  package mutating func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) { sent[rank] = bytes }

  /// Receives bytes from a rank with the next exchange.
  package mutating func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) {
    received[rank] = bytes
  }

  /// Exchanges them; afterwards there are none.
  package mutating func exchange(_ ranks: any Ranks) throws(RanksError) {
    require(sent.count == ranks.count, "parcels for \(sent.count) ranks of \(ranks.count)")
    try sent.withUnsafeBufferPointer { sent throws(RanksError) in
      try received.withUnsafeBufferPointer { received throws(RanksError) in
        try ranks.exchange(sent, received)
      }
    }
    for rank in sent.indices {
      sent[rank] = UnsafeRawBufferPointer(start: nil, count: 0)
      received[rank] = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
  }
}
