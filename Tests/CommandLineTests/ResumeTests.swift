import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct ResumeTests {
  /// Starts a long run, ends it with a signal once its first checkpoint is there, and returns its
  /// exit code and messages.
  private func interrupt(
    _ place: Workplace, with signal: Int32, after delay: UInt32
  ) throws -> Program.Outcome {
    let checkpoint = place("small.weights.h5")
    return try Program("minicnn").run(
      "train --model small.yaml --data data --epochs 30 --checkpoint-every 50 --threads 2".split(
        separator: " "
      ).map(String.init), in: place.folder.path
    ) { process in
      for _ in 0..<5000 where !FileManager.default.fileExists(atPath: checkpoint) { usleep(1000) }
      usleep(delay)
      kill(process, signal)
    }
  }

  /// The digest of the weights and the losses of a run that nobody stopped.
  private func uninterrupted(_ place: Workplace) throws -> (String?, [Double]) {
    let run = "train --model small.yaml --data data --epochs 30 --threads 1 --checkpoint whole.h5"
    #expect(try place.run(run).status == 0)
    return try summary(place, "whole.h5")
  }

  private func summary(
    _ place: Workplace, _ file: String
  ) throws -> (String?, [Double]) {
    let json = try place.run("inspect \(file) --json").json()
    let history = json["history"] as? [[String: Any]] ?? []
    return (json["weightsSHA256"] as? String, history.compactMap { $0["loss"] as? Double })
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func aSignalSavesAndSaysHowToGoOn(signal: Int32, status: Int32) throws {
    let place = try Workplace(images: 6000)
    let stopped = try interrupt(place, with: signal, after: 50_000)
    #expect(stopped.status == status)
    let line = try #require(stopped.errors.split(separator: "\n").last)
    #expect(line.hasPrefix("stopped after step "))
    #expect(line.hasSuffix("; resume with: minicnn train --resume small.weights.h5"))
    let resumed = try place.run("train --resume small.weights.h5 --threads 3")
    #expect(resumed.status == 0)
    #expect(resumed.errors.contains("\nresuming after step "))
    #expect(try summary(place, "small.weights.h5") == uninterrupted(place))
  }

  @Test(arguments: [1000, 20_000, 70_000] as [UInt32])
  func aKilledRunGoesOnFromItsLastCheckpoint(delay: UInt32) throws {
    let place = try Workplace(images: 6000)
    let killed = try interrupt(place, with: SIGKILL, after: delay)
    #expect(killed.status == 128 + SIGKILL)
    let resumed = try place.run("train --resume small.weights.h5")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try summary(place, "small.weights.h5") == uninterrupted(place))
    #expect(try place.names.allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test func aFinishedRunIsLeftAlone() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    let before = try place.bytes("small.weights.h5")
    // There is no need of the data any more.
    try FileManager.default.removeItem(atPath: place("data"))
    let again = try place.run("train --resume small.weights.h5")
    #expect(again.status == 0)
    #expect(again.output == "")
    #expect(
      again.errors
        == "small.weights.h5: the run is finished, epoch 2 of 2; nothing to do (--epochs raises the total)\n"
    )
    #expect(try place.bytes("small.weights.h5") == before)
  }

  @Test func aRaisedTotalKeepsTheSchedule() throws {
    let place = try Workplace()
    let first = try place.run("train --model small.yaml --data data --schedule cosine:final=0.2")
    #expect(first.status == 0)
    let second = try place.run("train --resume small.weights.h5 --epochs 4 --json")
    #expect(second.status == 0)
    #expect(
      second.errors.contains(
        "\nwarning: the schedule keeps its length of 2 epochs; after it the last learning rate holds\n"
      ))
    let rates = try second.jsonLines().map { $0["learningRate"] as? Double ?? 0 }
    #expect(rates.count == 2 && rates.allSatisfy { abs($0 - 0.02) < 1e-7 })
  }

  @Test func dataThatHasMovedIsAskedFor() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    try FileManager.default.moveItem(atPath: place("data"), toPath: place("moved"))
    let outcome = try place.run("train --resume small.weights.h5 --epochs 3")
    #expect(outcome.status == 66)
    #expect(
      outcome.errors
        == "error: \(place("data")): cannot open the data folder: no such file or directory; small.weights.h5 was trained on it; if it has moved, name it with --data\n"
    )
    #expect(try place.run("train --resume small.weights.h5 --epochs 3 --data moved").status == 0)
  }

  @Test func otherDataIsRefused() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    var pixels = try place.bytes("data/train-images-idx3-ubyte")
    pixels[pixels.count - 1] ^= 1
    try place.write(pixels, to: "data/train-images-idx3-ubyte")
    let outcome = try place.run("train --resume small.weights.h5 --epochs 3")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.hasPrefix(
        "error: \(place("data"))/train-images-idx3-ubyte: SHA-256 of images and labels: expected "))
    #expect(
      outcome.errors.hasSuffix(
        "; name the original data with --data, or start anew with --init\n"))
  }

  @Test(arguments: ["--seed 1", "--model small.yaml", "--learning-rate 1", "--no-shuffle"])
  func whatTheCheckpointFixesIsRefused(flag: String) throws {
    let place = try Workplace()
    let outcome = try place.run("train --resume small.weights.h5 \(flag)")
    #expect(outcome.status == 64)
    let name = flag.split(separator: " ")[0]
    #expect(
      outcome.errors.hasPrefix(
        "error: \(name): the checkpoint fixes this; with --resume use only --data, --validation-data, --epochs, --threads, --checkpoint, --overwrite, --checkpoint-every, --keep, --max-steps, --log, --tensorboard and --json\n"
      ))
  }
}
