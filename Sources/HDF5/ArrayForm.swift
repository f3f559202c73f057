import CHDF5

/// The element type and shape of a dataset or attribute, as a file states them.
public struct ArrayForm: Sendable, Equatable {
  /// The type of the elements.
  public var type: StoredType
  /// The extents, outermost first; empty for a scalar, nil for HDF5's null dataspace, which holds
  /// nothing.
  public var shape: [Int]?
  /// The number of bytes of one element.
  let elementSize: Int

  /// The form behind the handles of a datatype and a dataspace; nil if libhdf5 cannot tell, or an
  /// extent or the number of bytes is beyond `Int`.
  init?(type: borrowing Handle, space: borrowing Handle) {
    self.type = StoredType(of: type.id)
    elementSize = Int(H5Tget_size(type.id))
    switch H5Sget_simple_extent_type(space.id) {
    case H5S_NULL: shape = nil
    case H5S_SCALAR: shape = []
    case H5S_SIMPLE:
      let rank = H5Sget_simple_extent_ndims(space.id)
      guard rank >= 0 else { return nil }
      var extents = [hsize_t](repeating: 0, count: Int(rank))
      guard H5Sget_simple_extent_dims(space.id, &extents, nil) == rank else { return nil }
      var shape: [Int] = []
      for extent in extents {
        guard let extent = Int(exactly: extent) else { return nil }
        shape.append(extent)
      }
      self.shape = shape
    default: return nil
    }
    guard elementSize > 0, byteCount != nil else { return nil }
  }

  /// The number of elements.
  public var count: Int { shape.map { $0.reduce(1, *) } ?? 0 }

  /// The number of bytes of all elements, or nil if it is beyond `Int`.
  var byteCount: Int? { Self.product(shape ?? [0], times: elementSize) }

  /// The product of extents and a factor, or nil if a part of it is beyond `Int`.
  static func product(_ extents: [Int], times factor: Int) -> Int? {
    var product = factor
    for extent in extents {
      let (result, overflow) = product.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow else { return nil }
      product = result
    }
    return extents.contains(0) ? 0 : product
  }

  /// How an error says it: "a 32-bit float array of shape [400, 120]".
  var name: String {
    shape.map { Self.name(type.name, shape: $0) } ?? "an empty dataspace"
  }

  /// "a float array of shape [400, 120]", "a float scalar".
  static func name(_ noun: String, shape: [Int]) -> String {
    shape.isEmpty ? "\(noun) scalar" : "\(noun) array of shape \(shape)"
  }
}
