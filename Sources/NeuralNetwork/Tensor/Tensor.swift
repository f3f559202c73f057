import Platform

/// A batch of samples of one shape: `[samples, shape]` 32-bit floats, 64-byte aligned.
///
/// A value with copy on write. The memory is sized once for `capacity` samples; a smaller last
/// batch only lowers ``samples``, so a training loop allocates nothing.
public struct Tensor: Sendable {
  /// The shape of one sample.
  public let shape: Shape
  /// The number of samples there is room for.
  public let capacity: Int
  /// The number of samples held now.
  public private(set) var samples: Int
  private var storage: TensorStorage

  /// A tensor of zeros with room for `samples` samples of `shape`.
  public init(samples: Int, shape: Shape) {
    require(samples >= 0, "a batch cannot have \(samples) samples")
    self.shape = shape
    self.capacity = samples
    self.samples = samples
    self.storage = TensorStorage(count: samples * shape.count)
  }

  /// A tensor with room for `samples` samples in a block of memory, from this float on.
  init(samples: Int, shape: Shape, in block: MemoryBlock, at offset: Int) {
    self.shape = shape
    self.capacity = samples
    self.samples = samples
    self.storage = TensorStorage(count: samples * shape.count, in: block, at: offset)
  }

  /// Tensors of zeros for as many samples each, one after the other in a block of memory.
  static func adjacent(samples: Int, shapes: [Shape]) -> [Tensor] {
    adjacent(samples: samples, groups: [shapes]).first ?? []
  }

  /// The same of several groups, of which only one is in use at a time: all begin where the block does.
  static func adjacent(samples: Int, groups: [[Shape]]) -> [[Tensor]] {
    let counts = groups.map { $0.map { (samples * $0.count).roundedUpToLine } }
    let block = MemoryBlock(count: counts.map { $0.reduce(0, +) }.max() ?? 0)
    return zip(groups, counts).map { shapes, counts in
      var position = 0
      return zip(shapes, counts).map { shape, count in
        defer { position += count }
        return Tensor(samples: samples, shape: shape, in: block, at: position)
      }
    }
  }

  /// A tensor that holds a copy of `values`, `[samples, shape]`.
  public init(samples: Int, shape: Shape, values: [Float]) {
    require(
      samples >= 0 && values.count == samples * shape.count,
      "\(samples) samples of \(shape) take \(samples * shape.count) values, not \(values.count)")
    self.init(samples: samples, shape: shape)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress {
        storage.pointer.update(from: base, count: source.count)
      }
    }
  }

  /// The number of elements held now.
  public var count: Int { samples * shape.count }

  /// A copy of the elements.
  public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// The element at a flat index.
  public subscript(index: Int) -> Float {
    get {
      require(index >= 0 && index < count, "element \(index) of \(count)")
      return storage.pointer[index]
    }
    set {
      require(index >= 0 && index < count, "element \(index) of \(count)")
      mutablePointer()[index] = newValue
    }
  }

  /// Sets how many samples the tensor holds from now on, at most ``capacity``; keeps the memory.
  public mutating func resize(samples: Int) {
    require(samples >= 0 && samples <= capacity, "\(samples) samples, room for \(capacity)")
    self.samples = samples
  }

  /// The elements, for reading. Valid while the tensor lives and is not changed.
  public var pointer: UnsafePointer<Float> { UnsafePointer(storage.pointer) }

  /// The elements, for writing; copies them first if another value shares them. Valid while the
  /// tensor lives and is not copied.
  public mutating func mutablePointer() -> UnsafeMutablePointer<Float> {
    if !isKnownUniquelyReferenced(&storage) { storage = TensorStorage(copying: storage) }
    return storage.pointer
  }
}

extension Tensor: Equatable {
  /// Whether both hold the same number of samples of the same shape with equal elements.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape, a.samples == b.samples else { return false }
    return (0..<a.count).allSatisfy { a.pointer[$0] == b.pointer[$0] }
  }
}
