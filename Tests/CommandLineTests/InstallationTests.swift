import Foundation
import TestSupport
import Testing

@testable import CommandLineTool

/// The tool where it is installed: models and data by name, from any folder.
@Suite struct InstallationTests {
  /// A folder to work in, and beside it an installation with a model `small`, trained, a model `raw`, not
  /// trained, and data `tiny` and `other`.
  private struct Installed {
    let place: Workplace
    let empty: TestSupport.TemporaryFolder

    init() throws {
      place = try Workplace()
      empty = try TestSupport.TemporaryFolder()
      let share = place("prefix/share/minicnn")
      for folder in ["prefix/bin", "prefix/share/minicnn/Models", "prefix/share/minicnn/Datasets"] {
        try FileManager.default.createDirectory(
          atPath: place(folder), withIntermediateDirectories: true)
      }
      #expect(
        try place.run("train --model small.yaml --data data --checkpoint a.weights.h5").status == 0)
      try place.write(
        Workplace.model.replacing("name: small", with: "name: raw")
          .replacing("momentum: 0.9", with: "momentum: 0.8"), to: "raw.yaml")
      let other = try Workplace(images: 48)
      for (file, target) in [
        (Program.path(of: "minicnn"), place("prefix/bin/minicnn")),
        (place("small.yaml"), "\(share)/Models/small.yaml"),
        (place("raw.yaml"), "\(share)/Models/raw.yaml"),
        (place("a.weights.h5"), "\(share)/Models/small.weights.h5"),
        (place("data"), "\(share)/Datasets/tiny"),
        (other("data"), "\(share)/Datasets/other"),
      ] {
        try FileManager.default.copyItem(atPath: file, toPath: target)
      }
    }

    var share: String { place("prefix/share/minicnn") }

    func run(
      _ command: String, in folder: String? = nil, environment: [String: String] = [:]
    ) throws -> Program.Outcome {
      try Program(at: place("prefix/bin/minicnn")).run(
        command.split(separator: " ").map { $0 == "\"\"" ? "" : String($0) },
        in: folder ?? empty.path,
        environment: environment)
    }
  }

  @Test func namesWorkFromAnyFolderAndRunsAreKeptThere() throws {
    let installed = try Installed()
    let before = try FileManager.default.subpathsOfDirectory(atPath: installed.share)
    for command in [
      "evaluate small --data tiny", "summary small --no-time", "inspect small",
      "predict small --images \(installed.share)/Datasets/tiny/t10k-images-idx3-ubyte",
      "compare small small --data tiny", "data check tiny", "gradcheck raw",
      "find-rate --model raw --data tiny --steps 20", "export small small.onnx",
      "see small --data tiny", "report small --data tiny",
      "train --init small --data tiny --validation-data other --checkpoint b.weights.h5",
    ] {
      let outcome = try installed.run(command)
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }
    #expect(
      try installed.run("train --model raw --data tiny --validation-fraction 0.2").status == 0)
    #expect(
      try installed.empty.names == [
        "b.best.weights.h5", "b.weights.h5", "mistakes.csv", "raw.best.weights.h5",
        "raw.weights.h5", "report.html", "see.html", "small.onnx",
      ])
    #expect(try FileManager.default.subpathsOfDirectory(atPath: installed.share) == before)
    // It is found again from anywhere.
    let run = try installed.run("inspect raw.weights.h5 --json").json()
    #expect(run["data"] as? [String] == ["\(installed.share)/Datasets/tiny"])
    #expect(
      try installed.run("train --resume \(installed.empty("raw.weights.h5")) --epochs 3", in: "/")
        .status == 0)
  }

  @Test func aPathComesBeforeAName() throws {
    let installed = try Installed()
    let place = installed.place
    // A model and data of those names, which show that it is they that are read.
    try place.write(Workplace.model.replacing("name: small", with: "name: mine"), to: "small")
    try FileManager.default.copyItem(atPath: place("data"), toPath: place("tiny"))
    #expect(
      try installed.run("train --model small --data tiny", in: place.folder.path).status == 0)
    let data = try place.inspect("mine.weights.h5")["data"] as? [String]
    #expect(data == [place("tiny")])
  }

  @Test func aFolderThatAVariableNamesComesBeforeWhatIsBesideTheProgram() throws {
    let installed = try Installed()
    let home = try TestSupport.TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: home("Models"), withIntermediateDirectories: true)
    let model = Workplace.model.replacing("name: small", with: "name: other")
    try home.write("Models/small.yaml", Array(model.utf8))
    let environment = ["MINICNN_HOME": home.path]
    let summary = try installed.run("summary small --no-time --json", environment: environment)
    #expect(try summary.json()["name"] as? String == "other")
    // What is not there is beside the program.
    let raw = try installed.run("summary raw --no-time --json", environment: environment)
    #expect(try raw.json()["name"] as? String == "raw")
  }

  @Test(arguments: [
    (
      "train --model smal --data tiny",
      "smal: expected a file, or the name of an installed model (raw, small), found neither here nor in SHARE/Models; did you mean \"small\"?"
    ),
    (
      "evaluate other --data tiny",
      "other: expected a file, or the name of an installed trained model (small), found neither here nor in SHARE/Models"
    ),
    (
      "predict raw five.png",
      "raw: expected a file, or the name of an installed trained model (small), found neither here nor in SHARE/Models; raw is not trained yet: minicnn train --model raw"
    ),
    (
      "train --model Models/raw.yaml --data tiny",
      "Models/raw.yaml: cannot open: no such file or directory; what is installed is called raw"
    ),
    (
      "evaluate small.weights.h5",
      "small.weights.h5: cannot open: no such file or directory; what is installed is called small"
    ),
    ("summary own.yaml", "own.yaml: cannot open: no such file or directory"),
    (
      "train --model raw --data Datasets/tiny/",
      "Datasets/tiny/: cannot open the data folder: no such file or directory; what is installed is called tiny"
    ),
    (
      "train --resume small",
      "small: cannot open: no such file or directory; --init small begins a run with the weights of the installed model"
    ),
    (
      "summary \"\"",
      "\"\": expected a file, or the name of an installed model (raw, small), found neither here nor in SHARE/Models"
    ),
  ])
  func whatIsNotInstalledIsSaid(command: String, line: String) throws {
    let installed = try Installed()
    let outcome = try installed.run(command)
    #expect(outcome.status == 66)
    #expect(
      outcome.errors == "error: \(line.replacing("SHARE", with: installed.share))\n")
  }

  @Test func aFolderThatIsInTheWayIsSaid() throws {
    let installed = try Installed()
    for (name, command, expected, path) in [
      ("small", "evaluate small --data tiny", "a file", "Models/small.weights.h5"),
      ("tiny", "evaluate small --data tiny", "a data set", "Datasets/tiny"),
    ] {
      try FileManager.default.createDirectory(
        atPath: installed.empty(name), withIntermediateDirectories: false)
      let outcome = try installed.run(command)
      #expect(outcome.status == 65)
      #expect(
        outcome.errors
          == "error: \(name): expected \(expected), found a folder of that name here, which comes before what is installed; name that by its path: \(installed.share)/\(path)\n"
      )
      try FileManager.default.removeItem(atPath: installed.empty(name))
    }
  }

  @Test(arguments: ["evaluate small", "see small", "report small"])
  func dataThatHasMovedIsAskedFor(command: String) throws {
    let installed = try Installed()
    let data = installed.place("data")
    try FileManager.default.moveItem(atPath: data, toPath: installed.place("moved"))
    let outcome = try installed.run(command)
    #expect(outcome.status == 66)
    #expect(
      outcome.errors
        == "error: \(data): cannot open the data folder: no such file or directory; \(installed.share)/Models/small.weights.h5 was trained on it; if it has moved, name it with --data\n"
    )
  }

  @Test func unknownDataNamesThatOfTheSystemToo() throws {
    let installed = try Installed()
    let outcome = try installed.run("train --model raw --data tin")
    #expect(outcome.status == 66)
    #expect(
      outcome.errors.hasPrefix(
        "error: tin: expected a folder, or the name of an installed data set ("))
    #expect(
      outcome.errors.hasSuffix(
        "tiny), found neither here nor in \(installed.share)/Datasets or /usr/share/datasets; did you mean \"tiny\"?\n"
      ))
  }

  @Test func aSweepNamesModelsAndDataAsTheyAreInstalled() throws {
    let installed = try Installed()
    try installed.empty.write(
      "s.yaml", Array("model: [small, raw]\ndata: tiny\nseeds: [1]\nscore: test\n".utf8))
    let outcome = try installed.run("sweep s.yaml --json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let rows = try outcome.json()["rows"] as? [[String: Any]]
    #expect(rows?.map { $0["model"] as? String } == ["small", "raw"])
  }

  @Test(arguments: [
    ("/usr/bin/minicnn", nil, ["/usr/share/minicnn"]),
    ("/home/a/.local/bin/minicnn", "/models", ["/models", "/home/a/.local/share/minicnn"]),
    ("/opt/minicnn", nil, []), (nil, nil, []), (nil, "", []),
    (
      Repository.path(".build/x86_64-unknown-linux-gnu/release/minicnn"), nil, [Repository.path("")]
    ),
    ("/nowhere/.build/release/minicnn", nil, []),
  ])
  func whereItIsLookedForFollowsFromWhereTheProgramIs(
    program: String?, home: String?, folders: [String]
  ) {
    let homes = Installation(program: program, home: home).homes
    #expect(homes == folders.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 })
  }

  @Test(arguments: ["lenet5", "digits-fast", "my_model-2", "7"])
  func namesHaveNoEndingAndNoFolder(name: String) { #expect(Installation.isName(name)) }

  @Test(arguments: ["", "-", ".", "..", "a/b", "a.yaml", "a.weights.h5", "a b", "-a", "é"])
  func pathsAreNoNames(path: String) { #expect(!Installation.isName(path)) }

  // What works, and what does not

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
