import MiniCNN

/// What works here, what does not, and what is not there.
struct Diagnosis {
  let installation: Installation
  let findings: [Finding]

  /// Whether all that is needed works.
  var isSound: Bool { !findings.contains { $0.state == .failed } }

  /// Looks at everything; half a second at most.
  init(_ installation: Installation = .current) {
    self.installation = installation
    findings =
      MachineDiagnosis.findings + ConfinementDiagnosis.findings
      + InstallationDiagnosis(installation).findings + LauncherDiagnosis.findings
  }
}
