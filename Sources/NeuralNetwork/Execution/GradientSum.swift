import CKernels

// What is left to do after the last chunk of a batch.
extension BatchPass {
  /// The floats of a piece of the shards' sum.
  private static let pieceLength = 1 << 14

  /// How many pieces the shards' sum is cut in.
  static func pieces(ofSum count: Int) -> Int { (count + pieceLength - 1) / pieceLength }

  private func range(ofPiece piece: Int) -> Range<Int> {
    let start = piece * Self.pieceLength
    return start..<min(start + Self.pieceLength, shardedCount)
  }

  /// Computes the gathered gradients, sums those of the shards by a fixed tree, and measures both, each
  /// piece by itself.
  ///
  /// - Returns: the norm of the whole gradient.
  func sumGradients(_ gathered: GatheredBatch, on pool: ThreadPool) -> Double {
    list(gathered, on: pool)
    let adds = plan.waves(of: numbers.count) > 1
    pool.run(squares.count, with: (pass: self, gathered: gathered, adds: adds)) {
      context, _, piece in
      context.pass.sum(piece, context.gathered, adds: context.adds)
    }
    return squares.reduce(0, +).squareRoot()
  }

  /// The same of shards that several processes have run, with the work divided among them.
  func sumGradients(
    _ gathered: GatheredBatch, over exchange: StepExchange, on pool: ThreadPool
  ) throws(RanksError) -> Double {
    let waves = plan.waves(of: numbers.count), samples = numbers.count
    let sums = Self.pieces(ofSum: shardedCount)
    exchange.prepare(samples: samples, wave: waves - 1, isLast: true)
    pool.run(sums, with: (pass: self, exchange: exchange)) { context, _, piece in
      let pass = context.pass
      context.exchange.sumSubtrees(pass.range(ofPiece: piece), of: pass.own, pass.shardGradients)
    }
    try exchange.meet(gathered, wave: waves - 1, of: samples, losses: losses)
    list(gathered, on: pool)
    let own = exchange.ownPieces
    pool.run(
      own.count + sums,
      with: (pass: self, exchange: exchange, gathered: gathered, own: own, adds: waves > 1)
    ) { context, _, task in
      let pass = context.pass
      if task < context.own.count {
        pass.sum(context.own.lowerBound + task, context.gathered, adds: context.adds)
      } else {
        context.exchange.sumStretch(
          pass.range(ofPiece: task - context.own.count), samples: pass.numbers.count,
          into: pass.gradient)
      }
    }
    try exchange.share(gradient, gathered, squares: squares)
    pool.run(sums, with: self) { pass, _, piece in pass.measureSum(piece) }
    return squares.reduce(0, +).squareRoot()
  }

  /// Lets the layers go through what was gathered, each piece by itself.
  func list(_ gathered: GatheredBatch, on pool: ThreadPool) {
    guard gathering.lists > 0 else { return }
    pool.run(gathering.lists, with: gathered) { gathered, _, piece in gathered.list(piece) }
  }

  private func sum(_ piece: Int, _ gathered: GatheredBatch, adds: Bool) {
    if piece < gathering.pieces {
      squares[piece] = gathered.gradient(piece, adds: adds, into: gradient)
    } else {
      sumShards(piece - gathering.pieces)
    }
  }

  private func sumShards(_ piece: Int) {
    let range = range(ofPiece: piece)
    mc_sum_shards(
      range.count, own.count, shardGradients.length, shardGradients[0] + range.lowerBound,
      gradient + range.lowerBound)
    measureSum(piece)
  }

  private func measureSum(_ piece: Int) {
    let range = range(ofPiece: piece)
    squares[gathering.pieces + piece] = mc_sum_of_squares(range.count, gradient + range.lowerBound)
  }
}
