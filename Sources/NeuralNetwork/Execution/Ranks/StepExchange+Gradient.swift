import CKernels

// What a rank computes for all, once it has what that takes, and what it then gives them.
extension StepExchange {
  /// Sums the subtrees of all ranks: the part of this rank's stretch in `range`, into `gradient`.
  func sumStretch(_ range: Range<Int>, samples: Int, into gradient: UnsafeMutablePointer<Float>) {
    let stretch = plan.stretch(of: rank), part = stretch.clamped(to: range)
    guard !part.isEmpty else { return }
    let shards = plan.batches.shards(of: samples)
    // No more subtrees than shards.
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: shards) { parts in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: shards) { heights in
        var count = 0
        for other in 0..<ranks.count {
          let theirs = plan.shards(of: other, samples: samples)
          let sums =
            incoming.floats(incomingStarts[other] + headerBytes(theirs))
            + (part.lowerBound - stretch.lowerBound)
          plan.forEachSubtree(of: theirs) { subtree in
            parts.initializeElement(
              at: count, to: UnsafePointer(sums + subtree.number * stretch.count))
            heights.initializeElement(at: count, to: UInt8(subtree.height))
            count += 1
          }
        }
        mc_sum_subtrees(
          part.count, count, heights.baseAddress, parts.baseAddress, gradient + part.lowerBound)
      }
    }
  }

  /// The stretch of the sums, the pieces of the gathered gradients, and the squares of those.
  func secondBytes(of rank: Int) -> Int {
    squaresStart(of: rank) + pieces(of: rank).count * MemoryLayout<Double>.stride
  }

  private func squaresStart(of rank: Int) -> Int {
    ((plan.stretch(of: rank).count + pieceFloats[rank]) * 4).padded
  }

  /// Gives every rank the parts of the gradient that each has computed, but for those of ``largeVariables``.
  ///
  /// - Parameter squares: of each piece of the gathered gradients.
  func share(
    _ gradient: UnsafeMutablePointer<Float>, _ gathered: GatheredBatch,
    squares: UnsafeMutableBufferPointer<Double>
  ) throws(RanksError) {
    var into = 0
    for other in 0..<ranks.count where other != rank {
      incomingStarts[other] = into
      into += secondBytes(of: other).padded
    }
    incoming.makeRoom(into)
    forEachComputed(by: rank, gradient, gathered, squares) { position, part in
      outgoing[position, part.count].copyMemory(from: UnsafeRawBufferPointer(part))
    }
    let sent = UnsafeRawBufferPointer(outgoing[0, secondBytes(of: rank)])
    for other in 0..<ranks.count where other != rank {
      parcels.send(sent, to: other)
      parcels.receive(incoming[incomingStarts[other], secondBytes(of: other)], from: other)
    }
    try parcels.exchange(ranks)
    for other in 0..<ranks.count where other != rank {
      forEachComputed(by: other, gradient, gathered, squares) { position, part in
        part.copyMemory(
          from: UnsafeRawBufferPointer(incoming[incomingStarts[other] + position, part.count]))
      }
    }
  }

  /// Gives every rank the other ranks' parts of ``largeVariables`` in an array laid out as the trained variables
  /// are, from where they are to where they are.
  func complete(_ values: UnsafeMutablePointer<Float>) throws(RanksError) {
    for parts in divided {
      func part(of rank: Int) -> UnsafeMutableRawBufferPointer {
        let part = parts[rank]
        return UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(start: values + part.lowerBound, count: part.count))
      }
      for other in 0..<ranks.count where other != rank {
        parcels.send(UnsafeRawBufferPointer(part(of: rank)), to: other)
        parcels.receive(part(of: other), from: other)
      }
      try parcels.exchange(ranks)
    }
  }

  /// Passes on what a rank has computed but for ``largeVariables``, each with its place in the parcel, in bytes.
  private func forEachComputed(
    by rank: Int, _ gradient: UnsafeMutablePointer<Float>, _ gathered: GatheredBatch,
    _ squares: UnsafeMutableBufferPointer<Double>,
    _ body: (Int, UnsafeMutableRawBufferPointer) -> Void
  ) {
    let stretch = plan.stretch(of: rank), pieces = pieces(of: rank)
    body(
      0,
      UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(start: gradient + stretch.lowerBound, count: stretch.count)))
    var position = stretch.count * 4
    gathered.forEachStretch(ofPieces: pieces, in: gradient) { variable, part in
      guard !largeVariables.contains(variable) else { return }
      let bytes = UnsafeMutableRawBufferPointer(part)
      body(position, bytes)
      position += bytes.count
    }
    body(
      squaresStart(of: rank),
      UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: squares[pieces])))
  }
}
