import CHDF5

/// The type of the elements of a dataset or attribute, as a file states it.
public enum StoredType: Sendable, Equatable {
  /// A floating-point number of so many bytes, of either byte order.
  case float(bytes: Int)
  /// An integer of so many bytes, of either byte order.
  case integer(bytes: Int, isSigned: Bool)
  /// A text of a fixed number of bytes, or of any length if `bytes` is nil.
  case text(bytes: Int?)
  /// Anything else: a compound, an enumeration, a reference, ….
  case other

  /// The type behind a handle of a datatype.
  init(of type: hid_t) {
    let bytes = Int(H5Tget_size(type))
    switch H5Tget_class(type) {
    case H5T_FLOAT: self = .float(bytes: bytes)
    case H5T_INTEGER: self = .integer(bytes: bytes, isSigned: H5Tget_sign(type) == H5T_SGN_2)
    case H5T_STRING: self = .text(bytes: H5Tis_variable_str(type) > 0 ? nil : bytes)
    default: self = .other
    }
  }

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
