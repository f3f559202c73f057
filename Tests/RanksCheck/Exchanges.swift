import CAllocationCount
import Distribution
import NeuralNetwork
import Platform

/// Exchanges of every kind, with bytes that tell where they come from.
struct Exchanges {
  let ranks: MPIRanks

  init(_ ranks: MPIRanks) { self.ranks = ranks }

  /// Makes them, and returns how many.
  func verify() throws -> Int {
    var made = 0
    for bytes in [0, 1, 7, 4096, 320_000, 4_800_000] {
      for round in 0..<3 {
        try allToAll(round) { _, _ in bytes }
        made += 1
      }
    }
    // Uneven, and none at all between some; more than one piece (64 MiB) between two.
    try allToAll(3) { from, to in (from + 2 * to) % 3 * 50_001 }
    try allToAll(4) { from, to in to == 0 ? from * 1000 + 1 : 0 }
    try allToAll(5) { from, to in from == 0 && to == ranks.count - 1 ? 150_000_001 : 0 }
    made += 3
    for bytes in [0, 1, 320_000] {
      let gathered = try ranks.gather(array(ranks.rank, 0, bytes + ranks.rank))
      for rank in 0..<ranks.count {
        guard gathered[rank] == array(rank, 0, bytes + rank) else {
          throw Wrong("gather of \(bytes) bytes: those of rank \(rank) are wrong")
        }
      }
      let received = try ranks.broadcast(ranks.isFirst ? array(0, 1, bytes) : [])
      guard received == array(0, 1, bytes) else {
        throw Wrong("broadcast of \(bytes) bytes is wrong on rank \(ranks.rank)")
      }
      made += 2
    }
    return made
  }

  /// Sends every rank some bytes and compares what comes.
  private func allToAll(_ round: Int, _ size: (_ from: Int, _ to: Int) -> Int) throws {
    let me = ranks.rank
    var parcels = Parcels(ranks.count)
    typealias Buffer = UnsafeMutableRawBufferPointer
    var expected: [(from: Int, bytes: Buffer, pattern: Buffer)] = []
    var sent: [Buffer] = []
    defer {
      for (_, bytes, pattern) in expected {
        bytes.deallocate()
        pattern.deallocate()
      }
      for bytes in sent { bytes.deallocate() }
    }
    for other in 0..<ranks.count where other != me {
      let outgoing = pattern(me, other + round, size(me, other))
      let incoming = pattern(other, me + round, size(other, me))
      let room = Buffer.allocate(byteCount: incoming.count, alignment: 16)
      parcels.send(UnsafeRawBufferPointer(outgoing), to: other)
      parcels.receive(room, from: other)
      sent.append(outgoing)
      expected.append((other, room, incoming))
    }
    try parcels.exchange(ranks)
    for (from, bytes, pattern) in expected where !same(bytes, pattern) {
      throw Wrong("rank \(me) has wrong bytes of rank \(from), round \(round)")
    }
  }

  /// Bytes that repeat every 4093, so that no power of two hides a piece in a wrong place.
  private func pattern(_ from: Int, _ salt: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
    let period = min(4093, count)
    for index in 0..<period {
      bytes[index] = UInt8(
        truncatingIfNeeded: index &* 7 &+ (index >> 8) &+ 31 &* from &+ 101 &* salt)
    }
    var done = period
    while done < count {
      let part = min(done, count - done)
      UnsafeMutableRawBufferPointer(rebasing: bytes[done...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[..<part]))
      done += part
    }
    return bytes
  }

  private func same(
    _ bytes: UnsafeMutableRawBufferPointer, _ others: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let first = bytes.baseAddress, let second = others.baseAddress else {
      return bytes.count == others.count
    }
    return bytes.count == others.count && memcmp(first, second, bytes.count) == 0
  }

  private func array(_ from: Int, _ salt: Int, _ count: Int) -> [UInt8] {
    let bytes = pattern(from, salt, count)
    defer { bytes.deallocate() }
    return Array(bytes)
  }

  /// The median time of an exchange in which every rank sends and receives so many bytes in all, evenly to
  /// and from the others.
  func time(_ bytes: Int, rounds: Int) throws -> String {
    let others = ranks.count - 1
    guard others > 0 else { return "0" }
    let all = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * bytes, alignment: 64)
    all.initializeMemory(as: UInt8.self, repeating: 1)
    defer { all.deallocate() }
    let stretch = bytes / others
    var parcels = Parcels(ranks.count)
    var times: [Duration] = []
    for _ in 0..<rounds {
      var place = 0
      for other in 0..<ranks.count where other != ranks.rank {
        parcels.send(UnsafeRawBufferPointer(rebasing: all[place..<place + stretch]), to: other)
        parcels.receive(
          UnsafeMutableRawBufferPointer(rebasing: all[bytes + place..<bytes + place + stretch]),
          from: other)
        place += stretch
      }
      let start = ContinuousClock.now
      try parcels.exchange(ranks)
      times.append(ContinuousClock.now - start)
    }
    let median = times.sorted()[times.count / 2]
    return String(Double(median.components.attoseconds / 1_000_000_000) / 1e6)
  }

  /// How often so many exchanges, of so many bytes to and from every other rank, ask the heap for memory, after some
  /// by which MPI has what it keeps. Without bytes MPI is not called.
  func allocations(_ bytes: Int, rounds: Int) throws -> UInt64 {
    let all = UnsafeMutableRawBufferPointer.allocate(
      byteCount: bytes * (ranks.count + 1), alignment: 64)
    all.initializeMemory(as: UInt8.self, repeating: 1)
    defer { all.deallocate() }
    var parcels = Parcels(ranks.count)
    var start: UInt64 = 0
    for round in 0..<2 * rounds {
      if round == rounds { start = allocation_count() }
      for other in 0..<ranks.count where other != ranks.rank {
        parcels.send(UnsafeRawBufferPointer(rebasing: all[..<bytes]), to: other)
        let place = (other + 1) * bytes
        parcels.receive(
          UnsafeMutableRawBufferPointer(rebasing: all[place..<place + bytes]), from: other)
      }
      try parcels.exchange(ranks)
    }
    return allocation_count() - start
  }

  /// The last rank sends the first one fewer bytes than that one expects.
  func sendTooLittle() throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
    defer { buffer.deallocate() }
    var parcels = Parcels(ranks.count)
    if ranks.rank == ranks.count - 1 {
      parcels.send(UnsafeRawBufferPointer(rebasing: buffer[..<8]), to: 0)
    } else if ranks.isFirst {
      parcels.receive(buffer, from: ranks.count - 1)
    }
    try parcels.exchange(ranks)
    _ = try ranks.gather(0)
  }
}
