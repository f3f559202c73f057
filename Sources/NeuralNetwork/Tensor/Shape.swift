import Platform

/// The extents of an array, outermost first; at most four of them.
///
/// The extents are stored inline, so passing a shape around allocates nothing.
public struct Shape: Hashable, Sendable {
  private var extents: SIMD4<Int>
  /// The number of extents: 1 for a vector, 3 for an image `[height, width, channels]`.
  public let rank: Int

  /// The shape with these extents.
  public init(_ extents: [Int]) {
    let rank = extents.count
    require(rank <= 4, "a shape has at most 4 extents, not \(rank)")
    self.rank = rank
    self.extents = SIMD4(repeating: 1)
    for (axis, extent) in extents.enumerated() { self.extents[axis] = extent }
    // Without the array, which a message would move to the heap.
    let shape = self
    require(shape.extents.min() >= 0, "an extent is never negative: \(shape)")
  }

  /// The extent along an axis, counted from the outermost.
  public subscript(axis: Int) -> Int {
    require(axis >= 0 && axis < rank, "axis \(axis) of a shape of rank \(rank)")
    return extents[axis]
  }

  /// The number of elements: the product of the extents, 1 when there are none.
  public var count: Int { extents[0] * extents[1] * extents[2] * extents[3] }

  /// The innermost extent, an image's channels; 1 where there is none.
  var last: Int { rank == 0 ? 1 : extents[rank - 1] }

  /// The extents as an array.
  public var array: [Int] { (0..<rank).map { extents[$0] } }

  /// The element count, or `nil` when it does not fit below `limit`.
  package static func checkedCount(_ extents: [Int], limit: Int) -> Int? {
    var product = 1
    for extent in extents {
      let (value, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow || value > limit || value < 0 { return nil }
      product = value
    }
    return product
  }
}

extension Shape: ExpressibleByArrayLiteral {
  /// The shape with these extents, outermost first.
  public init(arrayLiteral extents: Int...) { self.init(extents) }
}

extension Shape: CustomStringConvertible {
  /// The extents with a multiplication sign between them: `28×28×1`.
  public var description: String { array.map(String.init).joined(separator: "×") }
}
