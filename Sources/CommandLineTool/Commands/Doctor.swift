import ArgumentParser
import MiniCNN

/// What works here and what does not.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what works on this machine, what is missing and how to get it.",
    discussion: """
      EXAMPLES
        minicnn doctor
        minicnn doctor --json
        MINICNN_HOME=$HOME/shared minicnn doctor

      It names the loops that run, the number of threads and what bounds it, and the libraries with \
      their versions; makes a confined process, as files from strangers are parsed in, and lets it try \
      to get out; writes and reads an HDF5 file, a picture and a zip file in memory; reads every \
      installed model and data set; and looks for MPI and the shell's completions.

      Names of models and data are looked up in $MINICNN_HOME, then in share/minicnn beside the bin that \
      the program lies in, or in the checkout that it was built in; data in /usr/share/datasets as well. \
      A file or folder of that name here comes before them all.

      Exit code 0 if all that is needed works, 1 if something does not. JSON: version, sound, findings \
      (subject; state: ok, note, missing or failed; text; remedy, left out where there is none), models, \
      trained and data (name, path).
      """)

  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let diagnosis = Diagnosis()
    if jsonFlag.json {
      try JSONOutput.print(DiagnosisOutput(diagnosis))
    } else {
      print(diagnosis)
    }
    let failed = diagnosis.findings.filter { $0.state == .failed }.map(\.subject)
    guard failed.isEmpty else {
      throw Failure(.failed, "something does not work: \(failed.joined(separator: ", "))")
    }
  }

  private func print(_ diagnosis: Diagnosis) {
    Terminal.result(Main.configuration.version)
    var facts = FactList()
    for finding in diagnosis.findings {
      let mark = finding.state == .missing || finding.state == .failed
      facts.add(finding.subject, mark ? "\(finding.state.rawValue): \(finding.text)" : finding.text)
      if let remedy = finding.remedy { facts.add("", "→ \(remedy)") }
    }
    facts.print()
    if diagnosis.isSound { Terminal.result("all that is needed works") }
  }
}

/// What `--json` prints.
private struct DiagnosisOutput: Encodable {
  struct Item: Encodable {
    let name: String
    let path: String
  }

  let version: String
  let sound: Bool
  let findings: [Finding]
  let models: [Item]
  let trained: [Item]
  let data: [Item]

  init(_ diagnosis: Diagnosis) {
    func items(_ kind: InstalledKind) -> [Item] {
      diagnosis.installation.items(kind).map { Item(name: $0.name, path: $0.path) }
    }
    version = Main.configuration.version.split(separator: " ").last.map(String.init) ?? ""
    sound = diagnosis.isSound
    findings = diagnosis.findings
    (models, trained, data) = (items(.model), items(.weights), items(.data))
  }
}
