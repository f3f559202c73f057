import Distribution
import Files
import MiniCNN
import Platform

/// MPI, which training on several machines needs.
enum LauncherDiagnosis {
  static var findings: [Finding] {
    let unset = "unset \(MPIWish.variable)"
    if MPIWish.current == .none {
      return [
        Finding(
          "MPI", .note, "\(MPIWish.variable) is none: every process works alone", remedy: unset)
      ]
    }
    let launcher = launchers.first { access($0, X_OK) == 0 }
    let library: String
    switch MPIInstallation.found() {
    case .success(let version): library = version
    case .failure(let error):
      return [
        Finding(
          "MPI", .missing, "\(error)",
          remedy: MPIWish.current == .launchers ? "apt-get install openmpi-bin" : unset)
      ]
    }
    guard let launcher else {
      return [
        Finding(
          "MPI", .missing, "\(library), but no mpirun", remedy: "apt-get install openmpi-bin")
      ]
    }
    return [Finding("MPI", "\(library), started by \(launcher)")]
  }

  /// Where a shell would look for it.
  private static var launchers: [String] {
    (environmentVariable("PATH") ?? "").split(separator: ":").map { "\($0)/mpirun" }
  }
}
