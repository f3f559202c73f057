import Foundation
import TestSupport
import Testing

/// `train --log`.
@Suite struct LogTests {
  private func rows(_ place: Workplace, _ folder: String) throws -> [String] {
    String(decoding: try place.bytes("\(folder)/metrics.csv"), as: UTF8.self)
      .components(separatedBy: "\n").map {
        $0.components(separatedBy: ",").dropLast(2).joined(separator: ",")
      }
  }

  @Test func aRunThatWasKilledAndResumedHasTheSameRows() throws {
    let place = try Workplace(model: Workplace.everything)
    let whole = try place.run(
      "train --model small.yaml --data data --checkpoint a.weights.h5 --log a --tensorboard")
    #expect(whole.status == 0)
    let killed = try place.run(
      "train --model small.yaml --data data --checkpoint b.weights.h5 --log b --tensorboard --checkpoint-every 1"
    ) { process in
      place.waitForText(in: "b.weights.h5")
      kill(process, SIGKILL)
    }
    #expect(killed.status == 128 + SIGKILL || killed.status == 0)
    let resumed = try place.run("train --resume b.weights.h5 --log b --tensorboard --threads 1")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try rows(place, "b") == rows(place, "a"))
    #expect(
      try rows(place, "a")[0]
        == "epoch,step,learning_rate,loss,accuracy,validation_loss,validation_accuracy")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place("a")).sorted() == [
        "events.out.tfevents.0000000001.minicnn", "metrics.csv",
      ])
  }

  @Test func whatCannotBeALogIsRefusedBeforeTraining() throws {
    let place = try Workplace()
    let alone = try place.run("train --model small.yaml --data data --tensorboard")
    #expect(alone.status == 64)
    #expect(alone.errors.hasPrefix("error: --tensorboard goes with --log\n"))
    let file = try place.run("train --model small.yaml --data data --log small.yaml")
    #expect(file.status == 74)
    #expect(file.errors == "error: small.yaml/metrics.csv: cannot write: not a directory\n")
    #expect(try !place.names.contains("small.weights.h5"))
  }
}
