import CKernels
import Platform

/// What a rank sends to the others in a step and what it receives, and the memory for both.
///
/// A step meets twice. First every rank gets what it needs for its part: of each shard of the batch, or of
/// whole subtrees of shards that their rank has summed, the stretch of the gradient that it sums; of each
/// sample what its pieces of the gathered gradients read; and everybody's losses. Then everybody gets what each
/// has computed. The sums are those of one process, number by number, as no addition changes its place in
/// the tree.
///
/// The gradient of a large gathered variable stays in parts, each with the rank that has computed it. That rank
/// can update its part alone and send the new weights in place of the gradient, as in Rajbhandari et al. 2020,
/// "ZeRO: memory optimizations toward training trillion parameter models": otherwise every rank goes through the
/// optimizer's whole memory, which takes longer than the exchange. Time is saved, not memory.
final class StepExchange {
  let ranks: any Ranks
  let plan: RankPlan
  private let layout: GatheringLayout
  var parcels: Parcels
  let outgoing = ExchangeMemory(), incoming = ExchangeMemory()
  /// Where what is for a rank, or from it, starts in those, in bytes.
  private var outgoingStarts: [Int]
  var incomingStarts: [Int]
  /// The floats of each sample that are gathered for a rank's pieces.
  private let gatheredPerSample: [Int]
  /// The variables that are divided among the ranks.
  let largeVariables: [GatheredVariable]
  /// Of each of those the part of every rank, in the flat arrays of the trained variables.
  let divided: [[Range<Int>]]
  /// The floats of a rank's pieces of all other gathered gradients.
  let pieceFloats: [Int]
  /// The floats of a variable, for each rank, that are worth an exchange of their own.
  private static let leastOfLarge = 1 << 14
  /// What this rank, and after the step what any, asks for with it.
  var wishes: RankWishes = []

  init(_ ranks: any Ranks, _ plan: RankPlan, _ gathering: Gathering) {
    self.ranks = ranks
    self.plan = plan
    layout = gathering.layout
    parcels = Parcels(ranks.count)
    outgoingStarts = [Int](repeating: 0, count: ranks.count)
    incomingStarts = outgoingStarts
    // Nothing but lengths is looked at, none of which depends on where the memory is.
    let one = gathering.batch(samples: 1)
    let pieces = (0..<ranks.count).map { plan.pieces(of: $0, all: gathering.pieces) }
    gatheredPerSample = pieces.map { pieces in
      var count = 0
      one.forEachStretch(of: 0..<1, pieces: pieces) { count += $0.count }
      return count
    }
    var large: [GatheredVariable] = []
    one.forEachStretch(ofPieces: 0..<gathering.pieces, in: one.base) { variable, stretch in
      if stretch.count >= Self.leastOfLarge * ranks.count { large.append(variable) }
    }
    largeVariables = large
    divided = large.map { variable in
      pieces.map { pieces in
        var part = 0..<0
        one.forEachStretch(ofPieces: pieces, in: one.base) {
          guard $0 == variable, let start = $1.baseAddress else { return }
          part = start - one.base..<start - one.base + $1.count
        }
        return part
      }
    }
    pieceFloats = pieces.map { pieces in
      var count = 0
      one.forEachStretch(ofPieces: pieces, in: one.base) { variable, stretch in
        if !large.contains(variable) { count += stretch.count }
      }
      return count
    }
  }

  var rank: Int { ranks.rank }

  /// The parts of the trained variables that other ranks update, in their flat arrays.
  var foreignParts: [Range<Int>] {
    divided.flatMap { parts in parts.indices.filter { $0 != rank }.map { parts[$0] } }
  }

  /// The pieces of the gathered gradients that this rank computes.
  var ownPieces: Range<Int> { pieces(of: rank) }
  func pieces(of rank: Int) -> Range<Int> {
    plan.pieces(of: rank, all: layout.pieces.count)
  }

  /// Lays the parcels of a wave out, and makes room for them where there was less.
  func prepare(samples: Int, wave: Int, isLast: Bool) {
    var (out, into) = (0, 0)
    for other in 0..<ranks.count {
      outgoingStarts[other] = out
      incomingStarts[other] = into
      if other != rank {
        out += bytes(from: rank, to: other, samples: samples, wave: wave, isLast: isLast).padded
      }
      into += bytes(from: other, to: rank, samples: samples, wave: wave, isLast: isLast).padded
    }
    outgoing.makeRoom(max(out, secondBytes(of: rank)))
    incoming.makeRoom(into)
  }

  /// A parcel has the losses of the sender's shards and its wishes, the sums, and what was gathered; all but the last
  /// in the last wave alone.
  private func bytes(from sender: Int, to receiver: Int, samples: Int, wave: Int, isLast: Bool)
    -> Int
  {
    let gathered =
      plan.samples(of: sender, wave: wave, samples: samples).count * gatheredPerSample[receiver]
    guard isLast else { return gathered * 4 }
    let shards = plan.shards(of: sender, samples: samples)
    let sums = plan.subtrees(of: shards) * plan.stretch(of: receiver).count
    return headerBytes(shards) + (sums + gathered) * 4
  }

  func headerBytes(_ shards: Range<Int>) -> Int {
    (shards.count * MemoryLayout<LossValue>.stride + 1).padded
  }

  /// Joins what can be joined of this rank's shards, for all ranks: the part of the gradients in `range`.
  func sumSubtrees(_ range: Range<Int>, of shards: Range<Int>, _ gradients: ShardArrays) {
    for receiver in 0..<ranks.count {
      let stretch = plan.stretch(of: receiver)
      let part = stretch.clamped(to: range)
      guard !part.isEmpty else { continue }
      let memory = receiver == rank ? incoming : outgoing
      let start = (receiver == rank ? incomingStarts : outgoingStarts)[receiver]
      let sums = memory.floats(start + headerBytes(shards)) + (part.lowerBound - stretch.lowerBound)
      plan.forEachSubtree(of: shards) { subtree in
        mc_sum_shards(
          part.count, subtree.shards, gradients.length,
          gradients[subtree.first - shards.lowerBound] + part.lowerBound,
          sums + subtree.number * stretch.count)
      }
    }
  }

  /// Sends and receives what was gathered of a wave that is not the last.
  func meet(_ gathered: GatheredBatch, wave: Int, of samples: Int) throws(RanksError) {
    prepare(samples: samples, wave: wave, isLast: false)
    try meet(
      gathered, losses: UnsafeMutableBufferPointer(start: nil, count: 0), samples: samples,
      wave: wave, isLast: false)
  }

  /// Sends and receives what was gathered of the last wave, the sums of subtrees and the losses.
  func meet(
    _ gathered: GatheredBatch, wave: Int, of samples: Int,
    losses: UnsafeMutableBufferPointer<LossValue>
  ) throws(RanksError) {
    try meet(gathered, losses: losses, samples: samples, wave: wave, isLast: true)
  }

  private func meet(
    _ gathered: GatheredBatch, losses: UnsafeMutableBufferPointer<LossValue>, samples: Int,
    wave: Int,
    isLast: Bool
  ) throws(RanksError) {
    for other in 0..<ranks.count where other != rank {
      let sent = bytes(from: rank, to: other, samples: samples, wave: wave, isLast: isLast)
      pack(for: other, gathered, losses, samples: samples, wave: wave, isLast: isLast)
      parcels.send(UnsafeRawBufferPointer(outgoing[outgoingStarts[other], sent]), to: other)
      let received = bytes(from: other, to: rank, samples: samples, wave: wave, isLast: isLast)
      parcels.receive(incoming[incomingStarts[other], received], from: other)
    }
    try parcels.exchange(ranks)
    for other in 0..<ranks.count where other != rank {
      unpack(from: other, gathered, losses, samples: samples, wave: wave, isLast: isLast)
    }
  }

  private func pack(
    for other: Int, _ gathered: GatheredBatch, _ losses: UnsafeMutableBufferPointer<LossValue>,
    samples: Int, wave: Int, isLast: Bool
  ) {
    var position = outgoingStarts[other]
    if isLast {
      let shards = plan.shards(of: rank, samples: samples)
      let own = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: losses[shards]))
      outgoing[position, own.count].copyMemory(from: own)
      outgoing[position + own.count, 1][0] = wishes.rawValue
      position += headerBytes(shards)
      position += plan.subtrees(of: shards) * plan.stretch(of: other).count * 4
    }
    let own = plan.samples(of: rank, wave: wave, samples: samples)
    gathered.forEachStretch(of: own, pieces: pieces(of: other)) { stretch in
      let bytes = UnsafeRawBufferPointer(stretch)
      outgoing[position, bytes.count].copyMemory(from: bytes)
      position += bytes.count
    }
  }

  private func unpack(
    from other: Int, _ gathered: GatheredBatch, _ losses: UnsafeMutableBufferPointer<LossValue>,
    samples: Int, wave: Int, isLast: Bool
  ) {
    var position = incomingStarts[other]
    if isLast {
      let shards = plan.shards(of: other, samples: samples)
      let theirs = UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(rebasing: losses[shards]))
      theirs.copyMemory(from: UnsafeRawBufferPointer(incoming[position, theirs.count]))
      wishes.formUnion(RankWishes(rawValue: incoming[position + theirs.count, 1][0]))
      position += headerBytes(shards)
      position += plan.subtrees(of: shards) * plan.stretch(of: rank).count * 4
    }
    let theirs = plan.samples(of: other, wave: wave, samples: samples)
    gathered.forEachStretch(of: theirs, pieces: ownPieces) { stretch in
      let bytes = UnsafeMutableRawBufferPointer(stretch)
      bytes.copyMemory(from: UnsafeRawBufferPointer(incoming[position, bytes.count]))
      position += bytes.count
    }
  }

  /// Gives every rank the summaries of all shards.
  func share(_ summaries: ShardArrays, samples: Int) throws(RanksError) {
    func bytes(of rank: Int) -> UnsafeMutableRawBufferPointer {
      let shards = plan.shards(of: rank, samples: samples)
      return UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(
          start: summaries[shards.lowerBound], count: shards.count * summaries.length))
    }
    for other in 0..<ranks.count where other != rank {
      parcels.send(UnsafeRawBufferPointer(bytes(of: rank)), to: other)
      parcels.receive(bytes(of: other), from: other)
    }
    try parcels.exchange(ranks)
  }
}
