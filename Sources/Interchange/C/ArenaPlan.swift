/// Where the buffers of a program lie in one block of memory, such that no two overlap that hold something at the
/// same time.
///
/// Buffers are placed one by one, each in the smallest gap that is free all its life, or else at the end; of several
/// orders to place them in the one with the smallest block is kept. Finding the best of all is NP-hard; Pisarchyk and
/// Lee 2020 (arXiv:2001.03288) compare such rules on networks. Cost: quadratic in the buffers.
struct ArenaPlan: Equatable {
  /// Something that is kept for some steps of a program.
  struct Buffer: Hashable {
    /// Its bytes, or whatever unit the plan is in.
    let size: Int
    /// From the step that writes it to the last one that reads it.
    let steps: ClosedRange<Int>
  }

  /// Where each buffer begins.
  let offsets: [Int]
  /// The size of the block.
  let size: Int

  /// Plans the block for some buffers, which all begin at multiples of `alignment`.
  init(_ buffers: [Buffer], alignment: Int = 1) {
    let sizes = buffers.map { ($0.size + alignment - 1) / alignment * alignment }
    let numbers = Array(buffers.indices)
    let orders = [
      numbers.sorted { (sizes[$1], $0) < (sizes[$0], $1) },
      numbers.sorted {
        (buffers[$1].steps.count, sizes[$1], $0) < (buffers[$0].steps.count, sizes[$0], $1)
      },
      numbers.sorted {
        (buffers[$0].steps.lowerBound, sizes[$1], $0) < (
          buffers[$1].steps.lowerBound, sizes[$0], $1
        )
      },
    ]
    var best: (offsets: [Int], size: Int) = ([], .max)
    for order in orders {
      let found = Self.place(buffers, sizes, order)
      if found.size < best.size { best = found }
    }
    (offsets, size) = best
  }

  private static func place(
    _ buffers: [Buffer], _ sizes: [Int], _ order: [Int]
  ) -> (offsets: [Int], size: Int) {
    var offsets = buffers.map { _ in 0 }
    var placed: [Int] = []
    var end = 0
    for number in order {
      let neighbours = placed.filter { buffers[$0].steps.overlaps(buffers[number].steps) }
        .sorted { (offsets[$0], $0) < (offsets[$1], $1) }
      var position = 0
      var best: (gap: Int, offset: Int)?
      for other in neighbours {
        let gap = offsets[other] - position
        if gap >= sizes[number], gap < best?.gap ?? .max { best = (gap, position) }
        position = max(position, offsets[other] + sizes[other])
      }
      offsets[number] = best?.offset ?? position
      end = max(end, offsets[number] + sizes[number])
      placed.append(number)
    }
    return (offsets, end)
  }
}
