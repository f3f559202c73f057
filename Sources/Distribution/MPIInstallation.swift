import CMPI
import NeuralNetwork

/// What there is of MPI on this machine, for whoever has not started anything by it.
package enum MPIInstallation {
  /// Opens the library that ranks would be joined with: "Open MPI v4.1.4".
  ///
  /// A process that has looked must not join ranks afterwards.
  package static func found() -> Result<String, RanksError> {
    Result { () throws(RanksError) in
      switch MPIWish.current {
      case .none: throw RanksError("\(MPIWish.variable) is none")
      case .file(let path): _ = try MPILibrary.open(named: path)
      case .launchers:
        let names = MPILibrary.candidates(for: .openMPI, beside: [])
        guard names.contains(where: { MPILibrary.load($0) == nil }) else {
          throw RanksError("no library of Open MPI or MPICH")
        }
      }
      return MPILibrary.version
    }
  }
}
