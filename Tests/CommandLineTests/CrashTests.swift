import Files
import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// A run that is killed anywhere and resumed ends as one that nobody stopped. `MINICNN_CRASHES` is
/// the number of kills: 5 unless it is set, 50 in `make test-crash`.
@Suite(.serialized) struct CrashTests {
  private static let train =
    "train --model small.yaml --data data --checkpoint-every 11 --keep 2 --threads 1"

  /// How a run is killed.
  private enum Moment: CustomStringConvertible {
    /// The nth time that it passes a point of the program.
    case place(FaultPoint, count: Int)
    /// From outside, so many microseconds after its start.
    case time(UInt32)

    var description: String {
      switch self {
      case .place(let point, let count): "\(point.rawValue):\(count)"
      case .time(let delay): "\(delay) µs"
      }
    }
  }

  /// Every kind of moment in turn; those inside a save come first.
  private static func moment(_ number: Int) -> Moment {
    var random = CounterRandom(seed: 4, .test, number)
    let places: [FaultPoint?] = [
      .halfWritten, .flushed, .renamed, .step, nil, .kept, .shifted, .created, .written,
      .folderFlushed, nil,
    ]
    switch places[number % places.count] {
    case nil: return .time(UInt32(5_000 + random.below(60_000)))
    case .step?: return .place(.step, count: 1 + random.below(150))
    case let place?: return .place(place, count: 1 + random.below(12))
    }
  }

  private func run(_ place: Workplace, killedAt moment: Moment) throws -> Program.Outcome {
    switch moment {
    case .place: try place.run(Self.train, environment: ["MINICNN_CRASH_AT": "\(moment)"])
    case .time(let delay):
      try place.run(Self.train) { process in
        usleep(delay)
        kill(process, SIGKILL)
      }
    }
  }

  @Test func aRunKilledAnywhereEndsAsIfItHadNotBeen() throws {
    let kills =
      ProcessInfo.processInfo.environment["MINICNN_CRASHES"].flatMap { Int($0) } ?? 5
    let place = try Workplace(images: 480, model: Workplace.everything)
    #expect(try place.run("\(Self.train) --checkpoint whole.weights.h5").status == 0)
    let whole = try place.inspect("whole.weights.h5")
    let best = try place.inspect("whole.best.weights.h5")
    #expect(whole["steps"] as? Int == 144 && whole["finished"] as? Bool == true)
    #expect(whole["stateSHA256"] is String && best["stateSHA256"] is String)

    for number in 0..<kills {
      let moment = Self.moment(number)
      for name in try place.names where name.hasPrefix("small.") && name.hasSuffix(".h5") {
        try FileManager.default.removeItem(atPath: place(name))
      }
      let killed = try run(place, killedAt: moment)
      if case .place = moment { #expect(killed.status == 128 + SIGKILL, "\(moment)") }
      // Whatever has a name is whole.
      for name in try place.names where name.hasPrefix("small.") && name.hasSuffix(".h5") {
        #expect(try place.inspect(name)["error"] == nil, "\(name), \(moment)")
      }
      let hasState = try place.names.contains("small.weights.h5")
      let again = try place.run(
        hasState
          ? "train --resume small.weights.h5 --checkpoint-every 11 --keep 2 --threads 3"
          : Self.train)
      #expect(again.status == 0, "\(moment): \(again.errors)")
      let (end, endBest) = try (
        place.inspect("small.weights.h5"), place.inspect("small.best.weights.h5")
      )
      #expect(end["stateSHA256"] as? String == whole["stateSHA256"] as? String, "\(moment)")
      #expect(endBest["stateSHA256"] as? String == best["stateSHA256"] as? String, "\(moment)")
      #expect(
        try place.names.allSatisfy { !$0.hasSuffix(".tmp") && !$0.hasSuffix(".lock") }, "\(moment)")
    }
  }
}
