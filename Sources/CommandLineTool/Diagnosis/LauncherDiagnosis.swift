import Distribution
import Files
import MiniCNN
import Platform

/// MPI, which training on several machines needs.
enum LauncherDiagnosis {
  static var findings: [Finding] {
    let launcher = launchers.first { access($0, X_OK) == 0 }
    let library: String
    switch MPIInstallation.found() {
    case .success(let version): library = version
    case .failure(let error):
      return [
        Finding("MPI", .missing, "\(error)", remedy: "apt-get install openmpi-bin")
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
