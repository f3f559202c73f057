import Platform

/// Which library of MPI the user asks for with the variable `MINICNN_MPI`.
package enum MPIWish: Equatable {
  /// The one that belongs to the launcher: the variable is unset or empty.
  case launchers
  /// None: every process is alone.
  case none
  /// A file.
  case file(String)

  package static let variable = "MINICNN_MPI"

  package static var current: MPIWish { MPIWish(environmentVariable) }

  package init(_ variable: (String) -> String?) {
    switch variable(Self.variable) {
    case nil, "": self = .launchers
    case "none": self = .none
    case let path?: self = .file(path)
    }
  }
}
