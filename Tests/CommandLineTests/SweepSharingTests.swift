import Files
import Foundation
import MiniCNN
import TestSupport
import Testing

/// Several processes that share a sweep.
@Suite struct SweepSharingTests {
  private static let model = "model: small.yaml\ndata: data\nseeds: [1, 2]\n"

  private func place(_ sweep: String, images: Int = 96) throws -> Workplace {
    let place = try Workplace(images: images)
    try place.write(sweep, to: "rates.yaml")
    return place
  }

  private static func sweep(epochs: Int, rates: String = "0.01, 0.1") -> String {
    model + "settings: {epochs: \(epochs), validation_fraction: 0.25, learning_rate: [\(rates)]}\n"
  }

  /// The lines of a file of a folder, without the seconds in this column.
  private func lines(_ place: Workplace, _ file: String, secondsIn column: Int) throws -> [[String]]
  {
    try String(contentsOfFile: place(file), encoding: .utf8).split(separator: "\n")
      .map { line in
        var fields = try #require(CSV.fields(line))
        fields[column] = ""
        return fields
      }
  }

  @Test func mergingWhatIsNotThereIsRefused() throws {
    let place = try place(Self.sweep(epochs: 1))
    let outcome = try place.run("sweep rates.yaml --folder typo --merge")
    #expect(outcome.status == 66)
    #expect(
      outcome.errors
        == "error: typo: expected the folder of a sweep's parts, found no such folder; make them with --part first\n"
    )
    #expect(!WholeFile.exists(place("typo")))
    let flags = try place.run("sweep rates.yaml --merge --jobs 2")
    #expect(flags.status == 64)
    #expect(flags.errors.contains("--merge makes no runs: without --jobs and --threads"))
  }

  /// The records of a folder, ordered by their names.
  private func runs(_ place: Workplace, _ folder: String) throws -> [[String]] {
    try lines(place, "\(folder)/runs.csv", secondsIn: 5).sorted { $0[0] < $1[0] }
  }

  private func table(_ place: Workplace, _ folder: String) throws -> [[String]] {
    try lines(place, "\(folder)/table.csv", secondsIn: 10)
  }

  /// A worker on the folder `shared` that runs beside others; its messages and results go to files.
  private func start(_ name: String, in place: Workplace, _ more: String = "") throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c",
      "exec \(Program.path(of: "minicnn")) sweep rates.yaml --folder shared --threads 1 \(more)"
        + " > \(name).out 2> \(name).err",
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: place.folder.path)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  private func text(_ place: Workplace, _ name: String) throws -> String {
    try String(contentsOfFile: place(name), encoding: .utf8)
  }

  @Test func threeWorkersOfWhichOneIsKilledMakeWhatOneMakes() throws {
    let place = try place(Self.sweep(epochs: 30), images: 600)
    #expect(try place.run("sweep rates.yaml --folder alone --threads 1").status == 0)
    let killed = try start("a", in: place)
    place.waitForText(in: "shared/messages.txt")
    let others = try ["b", "c"].map { try start($0, in: place) }
    place.waitForText(in: "shared/messages-2.txt")
    kill(killed.processIdentifier, SIGKILL)
    for process in others + [killed] { process.waitUntilExit() }
    #expect(killed.terminationReason == .uncaughtSignal)
    #expect(others.map(\.terminationStatus) == [0, 0])
    #expect(try runs(place, "shared") == runs(place, "alone"))
    #expect(try table(place, "shared") == table(place, "alone"))
    // One of them has printed the table, and the other one says where it is.
    let tables = try ["b", "c"].map { try text(place, "\($0).out") }
    #expect(tables.count { $0.hasPrefix("validation accuracy in %\n") } == 1)
    #expect(tables.count { $0.isEmpty } == 1)
    let messages = try ["b", "c"].map { try text(place, "\($0).err") }
    #expect(
      messages.count {
        $0.hasSuffix("all 4 runs are made; shared/table.csv has the results\n")
      } == 1, "\(messages)")
    // A run that was killed on its way ends with the same bits.
    for name in try runs(place, "alone").compactMap(\.first) where name != "run" {
      let states = try ["alone", "shared"].map {
        try place.inspect("\($0)/\(name).weights.h5")["stateSHA256"] as? String
      }
      #expect(states[0] != nil && states[0] == states[1])
    }
  }

  @Test func whoWaitsTakesOverWhatAKilledOneLeaves() throws {
    let place = try place(
      Self.sweep(epochs: 2, rates: "0.1").replacingOccurrences(of: "[1, 2]", with: "1"))
    #expect(try place.run("sweep rates.yaml --folder shared --threads 1").status == 0)
    let records = try runs(place, "shared")
    let name = try #require(records.first { $0[0] != "run" }?[0])
    // The run as another worker would have it under way.
    let header = try #require(try text(place, "shared/runs.csv").split(separator: "\n").first)
    try place.write("\(header)\n", to: "shared/runs.csv")
    for ending in [".weights.h5", ".best.weights.h5"] {
      try FileManager.default.removeItem(atPath: place("shared/\(name)\(ending)"))
    }
    #expect(
      try place.run(
        "train --model shared/\(name.dropLast(2)).yaml --data data --seed 1 --max-steps 7"
          + " --checkpoint shared/\(name).weights.h5"
      ).status == 0)
    let waiting = try waitingWorker(place, name)
    waiting.waitUntilExit()
    #expect(waiting.terminationStatus == 0)
    let errors = try text(place, "a.err")
    #expect(
      errors.hasPrefix("waiting for 1 run that others are making; Ctrl-C ends the waiting\n"))
    #expect(errors.contains("\n1/1 small "))
    #expect(
      try text(place, "shared/messages.txt").contains("resuming after step 7 (epoch 2, batch 2)\n"))
    #expect(try runs(place, "shared") == records)
  }

  /// A worker that has found a run taken, which is free from now on.
  private func waitingWorker(_ place: Workplace, _ name: String) throws -> Process {
    let lock = try FileLock(for: place("shared/\(name)"))
    let process = try start("a", in: place)
    place.waitForText(in: "a.err")
    withExtendedLifetime(lock) {}
    return process
  }

  @Test func waitingCanBeInterrupted() throws {
    let place = try place(Self.model + "score: test\n")
    #expect(try place.run("sweep rates.yaml --folder shared --threads 1").status == 0)
    let name = try #require(try runs(place, "shared").first { $0[0] != "run" }?[0])
    let lines = try text(place, "shared/runs.csv").split(separator: "\n")
    try place.write(
      lines.filter { !$0.hasPrefix("\"\(name)\"") }.map { "\($0)\n" }.joined(),
      to: "shared/runs.csv")
    let lock = try FileLock(for: place("shared/\(name)"))
    let process = try start("a", in: place)
    place.waitForText(in: "a.err")
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    withExtendedLifetime(lock) {}
    #expect(process.terminationStatus == 130)
    #expect(
      try text(place, "a.err")
        == "waiting for 1 run that others are making; Ctrl-C ends the waiting\n"
        + "stopped between runs; the same command resumes from there\n")
  }

  @Test func severalJobsMakeWhatOneMakesAndARunThatDivergesEndsNoOther() throws {
    let place = try place(Self.sweep(epochs: 2, rates: "1e30, 0.1, 0.01"))
    let alone = try place.run("sweep rates.yaml --folder alone --threads 1")
    let jobs = try place.run("sweep rates.yaml --folder jobs --jobs 2 --threads 3")
    #expect(alone.status == 1 && jobs.status == 1)
    #expect(jobs.errors.hasSuffix("error: 2 of 6 runs failed; jobs/runs.csv says why\n"))
    #expect(try runs(place, "jobs") == runs(place, "alone"))
    #expect(try table(place, "jobs") == table(place, "alone"))
    #expect(try runs(place, "jobs").count == 7)
    #expect(FileManager.default.fileExists(atPath: place("jobs/messages-2.txt")))
    let threads = try ["messages.txt", "messages-2.txt"].map { try text(place, "jobs/\($0)") }
    #expect(threads.contains { $0.contains(", 2 threads\n") })
    #expect(threads.contains { $0.contains(", 1 thread\n") })
  }

  @Test func aSignalStopsAllJobsAndSavesTheirRuns() throws {
    let place = try place(Self.sweep(epochs: 100_000, rates: "0.01"), images: 600)
    let outcome = try place.run("sweep rates.yaml --folder shared --jobs 2 --threads 2") {
      place.waitForText(in: "shared/messages.txt")
      place.waitForText(in: "shared/messages-2.txt")
      // Each has told the sweep by now that it listens to signals.
      usleep(200_000)
      kill($0, SIGTERM)
    }
    #expect(outcome.status == 143 && outcome.output == "")
    let last = try #require(outcome.errors.split(separator: "\n").last)
    #expect(last.hasPrefix("stopped in run 1/2 small ") && last.contains(" seed 1, 2/2 small "))
    let names = try FileManager.default.contentsOfDirectory(atPath: place("shared"))
    #expect(
      names.count { $0.hasSuffix(".weights.h5") && !$0.hasSuffix(".best.weights.h5") } == 2)
    // Nothing is locked any more.
    #expect(!names.contains { $0.hasSuffix(".lock") })
  }

  @Test func partsAreJoined() throws {
    let place = try place(Self.sweep(epochs: 2, rates: "0.01, 1e30"))
    #expect(try place.run("sweep rates.yaml --folder alone --threads 1").status == 1)
    let first = try place.run("sweep rates.yaml --folder parts --part 1/2 --threads 1")
    #expect(first.status == 0 && first.output == "")
    #expect(
      first.errors.hasSuffix(
        "part 1/2: 2 runs made, of which 1 failed; --merge joins all parts and makes the table\n"))
    let early = try place.run("sweep rates.yaml --folder parts --merge")
    #expect(early.status == 1 && early.output == "")
    #expect(
      early.errors == """
        missing: 2/4 small epochs=2 validation_fraction=0.25 learning_rate=0.01 seed 2
        missing: 4/4 small epochs=2 validation_fraction=0.25 learning_rate=1e30 seed 2
        error: 2 of 4 runs are missing; make their parts and merge again

        """)
    #expect(
      try place.run("sweep rates.yaml --folder parts --part 2/2 --jobs 2 --threads 1").status == 0)
    let merged = try place.run("sweep rates.yaml --folder parts --merge")
    #expect(merged.status == 1)
    #expect(merged.errors == "error: 2 of 4 runs failed; parts/runs.csv says why\n")
    #expect(merged.output.hasPrefix("validation accuracy in %\n"))
    #expect(try runs(place, "parts") == runs(place, "alone"))
    #expect(try table(place, "parts") == table(place, "alone"))
    let json = try place.run("sweep rates.yaml --folder parts --merge --json").json()
    #expect((json["rows"] as? [[String: Any]])?.count == 2)
  }

  @Test func foldsOfTheCommandLineAreAsThoseOfTheFile() throws {
    let place = try place(Self.model + "settings: {epochs: 1, stratify: true}\n")
    let outcome = try place.run("sweep rates.yaml --folds 3 --threads 1 --json")
    #expect(outcome.status == 0)
    let row = try #require((try outcome.json()["rows"] as? [[String: Any]])?.first)
    #expect(row["runs"] as? Int == 6 && row["settings"] as? String == "epochs=1 stratify=true")
    try place.write(
      Self.model + "folds: 3\nsettings: {epochs: 1, stratify: true}\n", to: "rates.yaml")
    let again = try place.run("sweep rates.yaml --threads 1 --json")
    #expect(again.errors == "" && again.output == outcome.output)
  }

  #if os(Linux)
    /// Started by mpirun or srun, what the tool starts would take itself for a process of theirs.
    @Test func aRunIsNoRank() throws {
      let place = try place(Self.sweep(epochs: 200_000, rates: "0.01"))
      var variables = ""
      let outcome = try place.run(
        "sweep rates.yaml --threads 1",
        environment: [
          "OMPI_COMM_WORLD_RANK": "1", "PMIX_RANK": "1", "PMI_RANK": "1", "PMI_FD": "9",
          "SLURM_PROCID": "1", "MINICNN_TEST": "kept",
        ]
      ) { process in
        place.waitForText(in: "rates.sweep/messages.txt")
        let children = try? String(
          contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
        if let child = children?.split(separator: " ").first {
          variables = (try? String(contentsOfFile: "/proc/\(child)/environ", encoding: .utf8)) ?? ""
        }
        kill(process, SIGTERM)
      }
      #expect(outcome.status == 143)
      #expect(variables.contains("MINICNN_TEST=kept\0"))
      for prefix in ["OMPI_", "PMIX_", "PMI_", "SLURM_PROCID"] {
        #expect(!variables.contains(prefix), "\(prefix)")
      }
    }
  #endif
}
