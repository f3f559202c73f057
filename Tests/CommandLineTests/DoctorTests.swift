import Foundation
import TestSupport
import Testing

@testable import CommandLineTool

/// What works on this machine, and what does not.
@Suite struct DoctorTests {
  private func findings(_ outcome: Program.Outcome) throws -> [String: [String: Any]] {
    let all = try #require(try outcome.json()["findings"] as? [[String: Any]])
    return Dictionary(all.map { ($0["subject"] as? String ?? "", $0) }) { first, _ in first }
  }

  @Test func theDoctorFindsAllWellWhereItIs() throws {
    let installed = try Installed()
    let outcome = try installed.run("doctor --json")
    #expect(outcome.status == 0 && outcome.errors == "")
    let json = try outcome.json()
    #expect(json["sound"] as? Bool == true)
    #expect(json["version"].map { "minicnn \($0)" } == Main.configuration.version)
    let found = try findings(outcome)
    for subject in ["confinement", "HDF5 files", "pictures", "zip files", "models", "trained"] {
      #expect(found[subject]?["state"] as? String == "ok", "\(subject)")
    }
    #expect(found["models"]?["text"] as? String == "raw, small")
    #expect((found["libraries"]?["text"] as? String)?.hasPrefix("libhdf5 1.") == true)
    let trained = try #require(json["trained"] as? [[String: String]])
    #expect(
      trained == [["name": "small", "path": "\(installed.share)/Models/small.weights.h5"]])
    // No shell completes anything from here, and that is no fault.
    #expect(found["completion"]?["state"] as? String == "missing")
    let text = try installed.run("doctor", environment: ["COLUMNS": "80"]).output
    #expect(text.hasSuffix("\nall that is needed works\n"))
    // But for a long path, which has no place to be broken at.
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.contains("/prefix/") })
  }

  @Test func theDoctorFindsWhatIsDamaged() throws {
    let installed = try Installed()
    let file = "\(installed.share)/Models/small.weights.h5"
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    let outcome = try installed.run("doctor --json")
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: something does not work: trained\n")
    let trained = try #require(try findings(outcome)["trained"])
    #expect(trained["state"] as? String == "failed")
    #expect((trained["text"] as? String)?.hasPrefix(file) == true)
    #expect(trained["remedy"] as? String == "install minicnn once more")
    // The user's own is not installed again.
    let home = installed.empty
    try FileManager.default.createDirectory(
      atPath: home("Models"), withIntermediateDirectories: false)
    try home.write("Models/small.weights.h5", bytes)
    let own = try findings(installed.run("doctor --json", environment: ["MINICNN_HOME": home.path]))
    #expect(
      own["trained"]?["remedy"] as? String
        == "replace or remove \(home("Models/small.weights.h5"))")
  }

  @Test func theDoctorSaysWhatVariablesDo() throws {
    let installed = try Installed()
    func found(_ name: String, _ value: String) throws -> [String: [String: Any]] {
      try findings(installed.run("doctor --json", environment: [name: value]))
    }
    let nowhere = try #require(try found("MINICNN_HOME", "/nowhere")["MINICNN_HOME"])
    #expect(nowhere["state"] as? String == "missing")
    #expect(nowhere["text"] as? String == "/nowhere: no such folder")
    #expect(nowhere["remedy"] as? String == "unset MINICNN_HOME")
    let empty = try found("MINICNN_HOME", installed.empty.path)["MINICNN_HOME"]
    #expect(empty?["text"] as? String == "\(installed.empty.path) has neither Models nor Datasets")
    #expect(
      try found("MINICNN_HOME", installed.share)["MINICNN_HOME"]?["state"] as? String == "note")
    #expect(try found("MINICNN_HOME", "")["MINICNN_HOME"] == nil)
    let alone = try #require(try found("MINICNN_MPI", "none")["MPI"])
    #expect(alone["state"] as? String == "note")
    #expect(alone["text"] as? String == "MINICNN_MPI is none: every process works alone")
    #expect(alone["remedy"] as? String == "unset MINICNN_MPI")
    #expect(
      try found("MINICNN_MPI", "/nowhere")["MPI"]?["remedy"] as? String == "unset MINICNN_MPI")
    #expect(try found("MINICNN_MPI", "")["MPI"]?["remedy"] as? String != "unset MINICNN_MPI")
  }

  @Test func completionsWhereNoShellLooksAreMissing() throws {
    let share = try TestSupport.TemporaryFolder()
    let folder = "bash-completion/completions"
    try FileManager.default.createDirectory(
      atPath: share(folder), withIntermediateDirectories: true)
    try share.write("\(folder)/minicnn", [])
    func finding(_ variables: [String: String]) -> Finding {
      CompletionDiagnosis(shares: [share.path]) { variables[$0] }.finding
    }
    let lost = finding(["HOME": "/root"])
    #expect(lost.state == .missing)
    #expect(lost.text == "there below \(share.path), where no shell looks for them")
    let there = Finding("completion", "there for bash, below \(share.path)")
    #expect(finding(["XDG_DATA_HOME": share.path]) == there)
    #expect(finding(["XDG_DATA_DIRS": "/usr/share:\(share.path)"]) == there)
  }

  @Test func theDoctorSaysWhichLoopsAndThreadsAndWhy() throws {
    let installed = try Installed()
    let plain = try findings(
      installed.run("doctor --json", environment: ["MINICNN_KERNELS": "plain"]))
    #expect(plain["loops"]?["text"] as? String == "plain, as MINICNN_KERNELS asks")
    let wrong = try findings(
      installed.run("doctor --json", environment: ["MINICNN_KERNELS": "fastest"]))
    #expect(wrong["loops"]?["remedy"] as? String == "unset MINICNN_KERNELS")
    let text = try #require(wrong["loops"]?["text"] as? String)
    #expect(text.hasSuffix("; MINICNN_KERNELS asks for fastest, which names no loops"))
    #if os(Linux)
      let one = try Program(at: "/usr/bin/taskset").run(
        ["-c", "0", installed.place("prefix/bin/minicnn"), "doctor", "--json"], in: "/")
      let threads = try #require(try findings(one)["threads"]?["text"] as? String)
      let processors = ProcessInfo.processInfo.processorCount
      #expect(
        threads
          == (processors == 1
            ? "1, one for each processor"
            : "1: this process may run on 1 of \(processors) processors"))
    #endif
  }
}
