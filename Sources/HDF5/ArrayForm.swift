internal import CHDF5

/// What a member of a group is.
package enum ObjectKind: Sendable, Equatable {
  /// A group of members.
  case group
  /// An array or a text.
  case dataset
  /// A datatype that has a name of its own.
  case datatype
  /// A soft, external or user-defined link; this package does not follow them.
  case link

  /// `nil` where nothing is there.
  init?(_ kind: chdf5_kind) {
    switch kind {
    case CHDF5_GROUP: self = .group
    case CHDF5_DATASET: self = .dataset
    case CHDF5_DATATYPE: self = .datatype
    case CHDF5_LINK: self = .link
    default: return nil
    }
  }
}

/// The type of the elements of a dataset, as a file states it.
package enum StoredType: Sendable, Equatable {
  /// A floating-point number of this many bytes, of either byte order.
  case float(bytes: Int)
  /// An integer of this many bytes, of either byte order.
  case integer(bytes: Int, isSigned: Bool)
  /// A text of a fixed number of bytes, or of any length if `bytes` is nil.
  case text(bytes: Int?)
  /// Anything else: a compound, an enumeration, a reference, ….
  case other

  /// The noun an error uses, with its article.
  var name: String {
    switch self {
    case .float(let bytes): "a \(bytes * 8)-bit float"
    case .integer(let bytes, let isSigned):
      "\(isSigned ? "a signed" : "an unsigned") \(bytes * 8)-bit integer"
    case .text: "a text"
    case .other: "an unsupported"
    }
  }
}

/// The element type and shape of a dataset, as a file states them.
package struct ArrayForm: Sendable, Equatable {
  /// The type of the elements.
  package var type: StoredType
  /// The extents, outermost first; empty for a scalar, nil for HDF5's null dataspace, which holds
  /// nothing.
  package var shape: [Int]?
  /// The number of bytes of one element.
  let elementSize: Int

  /// The form that CHDF5 gives, which promises whoever states it that no product of it is beyond
  /// `Int`, the bits of an element included.
  init(_ form: chdf5_form) {
    let bytes = Int(form.element_size)
    elementSize = bytes
    type =
      switch form.elements {
      case CHDF5_FLOATS: .float(bytes: bytes)
      case CHDF5_SIGNED: .integer(bytes: bytes, isSigned: true)
      case CHDF5_UNSIGNED: .integer(bytes: bytes, isSigned: false)
      case CHDF5_TEXTS: .text(bytes: bytes)
      case CHDF5_LOOSE_TEXTS: .text(bytes: nil)
      default: .other
      }
    guard form.rank >= 0 else { return }
    shape = withUnsafeBytes(of: form.shape) { extents in
      extents.bindMemory(to: UInt64.self).prefix(Int(form.rank)).map { Int($0) }
    }
  }

  /// The number of elements.
  package var count: Int { shape.map { $0.reduce(1, *) } ?? 0 }

  /// The number of bytes of all elements in the file.
  var byteCount: Int { count * elementSize }

  /// How an error puts it: "a 32-bit float array of shape [400, 120]".
  var name: String {
    shape.map { Self.name(type.name, shape: $0) } ?? "an empty dataspace"
  }

  /// "a float array of shape [400, 120]", "a float scalar".
  static func name(_ noun: String, shape: [Int]) -> String {
    shape.isEmpty ? "\(noun) scalar" : "\(noun) array of shape \(shape)"
  }
}
