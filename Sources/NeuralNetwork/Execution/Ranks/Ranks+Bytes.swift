extension Ranks {
  /// Whether this rank speaks for all: it reads, prints and writes.
  public var isFirst: Bool { rank == 0 }

  /// Gives every rank the bytes of all, in the order of the ranks.
  public func gather(_ bytes: [UInt8]) throws(RanksError) -> [[UInt8]] {
    let counts = try gather(UInt64(bytes.count)).map { Int($0) }
    let all = UnsafeMutableRawBufferPointer.allocate(byteCount: counts.reduce(0, +), alignment: 16)
    defer { all.deallocate() }
    var ranges: [Range<Int>] = []
    for count in counts {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + count)
    }
    UnsafeMutableRawBufferPointer(rebasing: all[ranges[rank]]).copyBytes(from: bytes)
    try share(all, ranges)
    return ranges.map { Array(all[$0]) }
  }

  /// Gives every rank the numbers of all, in the order of the ranks.
  public func gather(_ number: UInt64) throws(RanksError) -> [UInt64] {
    var numbers = [UInt64](repeating: number, count: count)
    try numbers.withUnsafeMutableBufferPointer { numbers throws(RanksError) in
      try share(UnsafeMutableRawBufferPointer(numbers), (0..<count).map { $0 * 8..<($0 + 1) * 8 })
    }
    return numbers
  }

  /// Makes an array of what this rank has the one that all have together.
  ///
  /// - Parameter ranges: where in the latter what each rank has goes.
  func complete<Element: BitwiseCopyable>(
    _ array: inout [Element], _ ranges: [Range<Int>]
  ) throws(RanksError) {
    guard count > 1, let length = ranges.last?.upperBound else { return }
    let all = UnsafeMutableBufferPointer<Element>.allocate(capacity: length)
    defer { all.deallocate() }
    _ = UnsafeMutableBufferPointer(rebasing: all[ranges[rank]]).initialize(fromContentsOf: array)
    let stride = MemoryLayout<Element>.stride
    try share(
      UnsafeMutableRawBufferPointer(all),
      ranges.map { $0.lowerBound * stride..<$0.upperBound * stride })
    array = Array(all)
  }

  /// Fills what the other ranks have of some bytes, from the part that this one has.
  private func share(
    _ bytes: UnsafeMutableRawBufferPointer, _ ranges: [Range<Int>]
  ) throws(RanksError) {
    var parcels = Parcels(count)
    let own = UnsafeRawBufferPointer(rebasing: bytes[ranges[rank]])
    for other in 0..<count where other != rank {
      parcels.send(own, to: other)
      parcels.receive(UnsafeMutableRawBufferPointer(rebasing: bytes[ranges[other]]), from: other)
    }
    try parcels.exchange(self)
  }

  /// Gives every rank the bytes of the first one.
  ///
  /// Whoever has them passes them on, so that they are sent log₂(``count``) times one after the other.
  ///
  /// - Parameter bytes: those of the first rank; not looked at elsewhere.
  public func broadcast(_ bytes: [UInt8]) throws(RanksError) -> [UInt8] {
    guard count > 1 else { return bytes }
    let size = Int(try gather(isFirst ? UInt64(bytes.count) : 0)[0])
    var result = isFirst ? bytes : [UInt8](repeating: 0, count: size)
    try result.withUnsafeMutableBufferPointer { result throws(RanksError) in
      let result = UnsafeMutableRawBufferPointer(result)
      var parcels = Parcels(count)
      var holders = 1
      while holders < count {
        if rank < holders, rank + holders < count {
          parcels.send(UnsafeRawBufferPointer(result), to: rank + holders)
        } else if (holders..<2 * holders).contains(rank) {
          parcels.receive(result, from: rank - holders)
        }
        try parcels.exchange(self)
        holders *= 2
      }
    }
    return result
  }
}
