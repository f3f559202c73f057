/// What a member of a group is.
public enum ObjectKind: Int, Sendable, Equatable {
  /// A group of members.
  case group
  /// An array or a text.
  case dataset
  /// A datatype that has a name of its own.
  case datatype
  /// A soft, external or user-defined link; this package does not follow them.
  case link

  /// The noun an error uses, with its article.
  var name: String {
    switch self {
    case .group: "a group"
    case .dataset: "a dataset"
    case .datatype: "a named datatype"
    case .link: "a soft or external link"
    }
  }
}
