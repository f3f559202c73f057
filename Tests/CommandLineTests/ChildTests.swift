import Foundation
import TestSupport
import Testing

/// What becomes of a training process that another command has started.
@Suite struct ChildTests {
  /// A terminal sends Ctrl-C to a command and to all that it has started.
  @Test func ctrlCInASweepSavesTheRun() throws {
    let place = try Workplace(images: 6000)
    try place.write(
      "{model: small.yaml, data: data, seeds: [1], score: test, settings: {epochs: 2000}}\n",
      to: "long.yaml")
    let stopped = try place.run("sweep long.yaml --threads 1") { process in
      place.waitForText(in: "long.sweep/messages.txt")
      // The tests start each program in a group of its own.
      kill(-process, SIGINT)
    }
    #expect(stopped.status == 130)
    let states = try FileManager.default.contentsOfDirectory(atPath: place("long.sweep"))
      .filter { $0.hasSuffix("-1.weights.h5") }
    let state = try place.inspect("long.sweep/\(try #require(states.first))")
    let steps = try #require(state["steps"] as? Int)
    #expect(steps < 2000 * 375)
  }
}
