import Foundation
import TestSupport
import Testing

@testable import CommandLineTool

/// The tool where it is installed: models and data by name, from any folder.
@Suite struct InstallationTests {
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
}
