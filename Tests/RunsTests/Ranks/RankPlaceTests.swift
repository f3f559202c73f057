import NeuralNetwork
import Testing

@testable import Runs

/// How the processors of a host are divided among its ranks.
@Suite struct RankPlaceTests {
  private func threads(_ places: [RankPlace]) -> [Int] {
    places.indices.map { RankPlace.threads(of: $0, among: places) }
  }

  private func place(
    _ host: String, _ processors: Range<Int>, available: Int? = nil
  ) -> RankPlace {
    RankPlace(
      host: host, processors: Array(processors), available: available ?? processors.count)
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

  @Test func aPlaceArrivesAsItWasSent() throws {
    let place = place("node7", 3..<9, available: 4)
    #expect(try RankPlace(place.bytes) == place)
    #expect(RankPlace.own.available >= 1 && !RankPlace.own.host.isEmpty)
  }
}
