import Foundation
import ImageData
import MiniCNN
import TestSupport
import Testing

@testable import CommandLineTool

/// Which files a run takes for its own, and how commands that name them are printed.
@Suite struct RunFilesTests {
  @Test func theBestOfAnotherRunIsNotTakenForOnesOwn() throws {
    let place = try Workplace()
    let train = "train --model small.yaml --data data"
    #expect(try place.run("\(train) --checkpoint a.weights.h5").status == 0)
    #expect(
      try place.run("\(train) --checkpoint b.weights.h5 --validation-fraction 0.25").status == 0)
    #expect(try place.names.contains("b.best.weights.h5"))
    let resumed = try place.run(
      "train --resume a.weights.h5 --epochs 3 --checkpoint b.weights.h5 --overwrite")
    #expect(resumed.status == 0)
    #expect(!resumed.errors.contains("best"))
    #expect(try !place.names.contains("b.best.weights.h5"))
  }

  @Test func theBestGoesAlong() throws {
    let place = try Workplace()
    #expect(
      try place.run(
        "train --model small.yaml --data data --validation-fraction 0.25 --learning-rate 0"
      ).status == 0)
    let best = try place.bytes("small.best.weights.h5")
    let resumed = try place.run(
      "train --resume small.weights.h5 --epochs 3 --checkpoint b.weights.h5")
    #expect(
      resumed.errors.hasSuffix(
        " in epoch 1, the best of 3, whose weights are in b.best.weights.h5\n"))
    #expect(try place.bytes("b.best.weights.h5") == best)
  }

  @Test func aPathIsAFileAndNotAText() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    let resumed = try place.run(
      "train --resume ./small.weights.h5 --epochs 3 --checkpoint small.weights.h5")
    #expect(resumed.status == 0, "\(resumed.errors)")
    try FileManager.default.createSymbolicLink(
      atPath: place("link.weights.h5"), withDestinationPath: "small.weights.h5")
    let linked = try place.run(
      "train --resume link.weights.h5 --epochs 4 --checkpoint small.weights.h5")
    #expect(linked.status == 0, "\(linked.errors)")
    #expect(try place.inspect("small.weights.h5")["epoch"] as? Int == 4)
  }

  @Test(arguments: ["-x", "it's", "a&b"]) func thePrintedCommandRuns(name: String) throws {
    let place = try Workplace()
    try place.write(
      Workplace.model.replacingOccurrences(of: "name: small", with: "name: \"\(name)\""),
      to: "small.yaml")
    let stopped = try place.run("train --model small.yaml --data data --max-steps 5")
    let command = try #require(stopped.errors.components(separatedBy: "resume with: ").last)
    #expect(command.hasPrefix("minicnn train --resume "), "\(stopped.errors)")
    let folder = URL(fileURLWithPath: Program.path(of: "minicnn")).deletingLastPathComponent().path
    let script = "cd '\(place.folder.path)' && PATH='\(folder)':$PATH && \(command)"
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", script]
    shell.standardOutput = FileHandle.nullDevice
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0, "\(command)")
    let state = try Checkpoint(contentsOf: place("\(name).weights.h5")).state
    #expect(state.optimizer.step == 12)
  }

  @Test(arguments: [
    ("a.weights.h5", "a.weights.h5"), ("", "''"), ("two words", "'two words'"),
    ("it's", "'it'\\''s'"), ("$HOME", "'$HOME'"), ("Zähler_1", "Zähler_1"),
    ("a\nb'\\", "$'a\\012b\\'\\\\'"), ("~", "'~'"),
  ]) func wordsAreQuoted(word: String, quoted: String) {
    #expect(Shell.quoted(word) == quoted)
  }

  @Test func dataIsFoundFromAnotherFolder() throws {
    let place = try Workplace()
    try FileManager.default.createDirectory(
      atPath: place("elsewhere"), withIntermediateDirectories: false)
    #expect(try place.run("train --model small.yaml --data data --max-steps 5").status == 0)
    func run(_ command: String) throws -> Program.Outcome {
      try Program("minicnn").run(
        command.split(separator: " ").map(String.init), in: place("elsewhere"))
    }
    let resumed = try run("train --resume ../small.weights.h5")
    #expect(resumed.status == 0, "\(resumed.errors)")
    let evaluated = try run("evaluate ../small.weights.h5")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
  }

  @Test func aStateWithoutDataGoesOnWithDataThatIsNamed() throws {
    let place = try Workplace()
    let model = try ModelFile(contentsOf: place("small.yaml"))
    let settings = try model.training.resolve(defaultSeed: 0)
    let trainer = try Trainer(
      model.spec, settings: settings, data: DataFolder(place("data")).load(.train))
    try trainer.run { if case .epoch = $0 { .stop } else { .proceed } }
    try Checkpoint(trainer, model: model).save(to: place("small.weights.h5"))
    let unnamed = try place.run("train --resume small.weights.h5")
    #expect(unnamed.status == 65)
    #expect(
      unnamed.errors
        == "error: small.weights.h5: the state does not say where the data of its run is; name it with"
        + " --data, or --images and --labels\n")
    let resumed = try place.run("train --resume small.weights.h5 --data data")
    #expect(resumed.status == 0)
    // It knows the data by its digest, if not where it is.
    #expect(!resumed.errors.contains("warning: "), "\(resumed.errors)")
    // Now it knows that too.
    #expect(try place.run("train --resume small.weights.h5 --epochs 3").status == 0)
  }

  @Test func aStateOfTheLibraryGoesOnInTheTool() throws {
    let place = try Workplace()
    let model = try ModelFile(contentsOf: place("small.yaml"))
    let run = try Run(
      model: model, data: DataFolder(place("data")), saving: place("small.weights.h5"),
      options: RunOptions(maxSteps: 5))
    try run.train()
    let resumed = try place.run("train --resume small.weights.h5")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try place.inspect("small.weights.h5")["finished"] as? Bool == true)
  }
}
