import Platform

/// An array that a layer keeps from `forward` for the `backward` that follows, or that its loops work
/// in: its name, the type of its elements, and how many there are.
public struct CachedArray: Hashable, Sendable {
  /// The type of an array's elements.
  public enum Element: Sendable {
    /// `UInt8`.
    case byte
    /// `Int32`.
    case index
    /// `Float`.
    case float

    var size: Int { self == .byte ? 1 : 4 }
  }

  /// What it is called, `argmax`: ``Probe`` finds it by this name.
  public let name: String
  /// The type of its elements.
  public let element: Element
  /// The number of its elements for each sample of a batch.
  public let perSample: Int
  /// The number of its elements whatever the batch is.
  public let fixed: Int

  /// An array that has as many elements for every sample.
  public init(_ name: String, _ element: Element = .float, perSample: Int) {
    (self.name, self.element, self.perSample, fixed) = (name, element, perSample, 0)
  }

  /// Working memory, the same for any batch; holds nothing between calls.
  public init(scratch count: Int, of element: Element = .float) {
    (name, self.element, perSample, fixed) = ("scratch", element, 0, count)
  }

  /// The bytes it takes, in whole cache lines; as many as there can be where that overflows.
  func bytes(batch: Int) -> Int {
    let (samples, first) = perSample.multipliedReportingOverflow(by: batch)
    let (count, second) = samples.addingReportingOverflow(fixed)
    let (bytes, third) = count.multipliedReportingOverflow(by: element.size)
    let (padded, fourth) = bytes.addingReportingOverflow(63)
    return first || second || third || fourth ? Int.max : padded / 64 * 64
  }
}

/// The arrays that a layer asked for in ``Layer/cached``, of one thread. Valid during one call.
public struct Cache {
  let base: UnsafeMutableRawPointer
  let offsets: [Int]
  let arrays: [CachedArray]
  /// Whether a backward pass reads what a forward pass leaves here; where none follows, a layer may leave
  /// nothing.
  public let isRead: Bool

  /// The elements of array number `index`, which are floats: those that the last `forward` left.
  public func floats(_ index: Int) -> UnsafeMutablePointer<Float> {
    address(index, .float).assumingMemoryBound(to: Float.self)
  }

  /// The elements of array number `index`, which are indices.
  public func indices(_ index: Int) -> UnsafeMutablePointer<Int32> {
    address(index, .index).assumingMemoryBound(to: Int32.self)
  }

  /// The elements of array number `index`, which are bytes.
  public func bytes(_ index: Int) -> UnsafeMutablePointer<UInt8> {
    address(index, .byte).assumingMemoryBound(to: UInt8.self)
  }

  private func address(_ index: Int, _ element: CachedArray.Element) -> UnsafeMutableRawPointer {
    require(
      arrays.indices.contains(index) && arrays[index].element == element,
      "cached array \(index) of \(arrays.count) is not one of such elements")
    return base + offsets[index]
  }
}

/// The memory of all cached arrays of a graph, for one thread: zeros at first.
///
/// Unchecked, because the compiler cannot see that a workspace, which owns it, is used by one thread at a
/// time.
final class CacheMemory: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  private let arrays: [[CachedArray]]
  private let offsets: [[Int]]
  private let isRead: Bool

  init(_ nodes: [Node], batch: Int, isRead: Bool) {
    self.isRead = isRead
    arrays = nodes.map { $0.layer?.cached ?? [] }
    var position = 0
    offsets = arrays.map { arrays in
      arrays.map { array in
        defer { position += array.bytes(batch: batch) }
        return position
      }
    }
    let bytes = max(position, 1)
    base = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: LargePages.alignment(of: bytes))
    LargePages.advise(base, bytes: bytes)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    for (list, starts) in zip(arrays, offsets) {
      for (array, start) in zip(list, starts) {
        let count = array.bytes(batch: batch) / array.element.size
        switch array.element {
        case .byte: (base + start).bindMemory(to: UInt8.self, capacity: count)
        case .index: (base + start).bindMemory(to: Int32.self, capacity: count)
        case .float: (base + start).bindMemory(to: Float.self, capacity: count)
        }
      }
    }
  }

  deinit { base.deallocate() }

  /// The arrays of one node.
  subscript(node: Int) -> Cache {
    Cache(base: base, offsets: offsets[node], arrays: arrays[node], isRead: isRead)
  }
}
