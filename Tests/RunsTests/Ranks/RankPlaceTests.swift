import NeuralNetwork
import Testing

@testable import Runs

/// How the processors of a host are divided among its ranks.
@Suite struct RankPlaceTests {
  private func threads(_ places: [RankPlace]) -> [Int] {
    places.indices.map { RankPlace.threads(of: $0, among: places) }
  }

  private func place(
    _ host: String, _ processors: Range<Int>, available: Int? = nil, bootID: String = ""
  ) -> RankPlace {
    RankPlace(
      host: host, bootID: bootID, processors: Array(processors),
      available: available ?? processors.count)
  }

  @Test func ranksOfOneHostShareItsProcessors() {
    #expect(threads(Array(repeating: place("a", 0..<16), count: 8)) == [2, 2, 2, 2, 2, 2, 2, 2])
    #expect(threads(Array(repeating: place("a", 0..<16), count: 3)) == [5, 5, 5])
    #expect(threads(Array(repeating: place("a", 0..<3), count: 3)) == [1, 1, 1])
    // More ranks than processors.
    #expect(threads(Array(repeating: place("a", 0..<2), count: 5)) == [1, 1, 1, 1, 1])
  }

  @Test func ranksOfTwoHostsDoNotShare() {
    #expect(threads([place("a", 0..<8), place("a", 0..<8), place("b", 0..<6)]) == [4, 4, 6])
  }

  @Test func ranksThatAreBoundKeepWhatTheyAreBoundTo() {
    #expect(threads([place("a", 0..<4), place("a", 4..<8)]) == [4, 4])
    // Half of the second one's processors are the third one's too.
    #expect(threads([place("a", 0..<4), place("a", 4..<8), place("a", 6..<8)]) == [4, 3, 1])
  }

  @Test func aContainerThatAllowsFewerIsDividedToo() {
    #expect(threads(Array(repeating: place("a", 0..<64, available: 8), count: 4)) == [2, 2, 2, 2])
    #expect(threads([place("a", 0..<64, available: 1)]) == [1])
  }

  @Test func machinesOfOneNameDoNotShare() {
    let first = place("localhost", 0..<8, bootID: "1"),
      second = place("localhost", 0..<8, bootID: "2")
    #expect(threads([first, second]) == [8, 8])
  }

  @Test func containersOfOneMachineShareWhatTheyAreAllowed() {
    // Two pods without a limit, and two of which each may use four processors at once.
    #expect(threads(["a", "b"].map { place($0, 0..<16, bootID: "1") }) == [8, 8])
    #expect(threads(["a", "b"].map { place($0, 0..<16, available: 4, bootID: "1") }) == [4, 4])
    // Two ranks in one of them.
    let pods = ["a", "a", "b"].map { place($0, 0..<16, available: 4, bootID: "1") }
    #expect(threads(pods) == [2, 2, 4])
  }

  @Test func aPlaceArrivesAsItWasSent() throws {
    let place = place("node7", 3..<9, available: 4, bootID: "4b5e")
    #expect(try RankPlace(place.bytes) == place)
    #expect(RankPlace.own.available >= 1 && !RankPlace.own.host.isEmpty)
  }
}
