import NeuralNetwork

/// What a rank says of itself where all ranks of a run meet.
struct RankReport: Equatable {
  /// Something that all ranks must have alike.
  struct Fact: Equatable {
    /// What it is: "data".
    let name: String
    /// What tells it from others, for a reader to compare.
    let value: String

    init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  /// What is compared.
  var facts: [Fact] = []
  /// Why this rank cannot go on; `nil` where it can.
  var failure: String?
  /// Whether it asks all to stop.
  var wishesStop = false

  /// The report as other ranks get it.
  var bytes: [UInt8] {
    var writer = PacketWriter()
    writer.write(failure) { $0.write($1) }
    writer.write(wishesStop ? 1 : 0)
    writer.write(facts.count)
    for fact in facts {
      writer.write(fact.name)
      writer.write(fact.value)
    }
    return writer.bytes
  }

  init(facts: [Fact] = [], failure: String? = nil, wishesStop: Bool = false) {
    (self.facts, self.failure, self.wishesStop) = (facts, failure, wishesStop)
  }

  init(_ bytes: [UInt8]) throws(RanksError) {
    var reader = PacketReader(bytes)
    failure = try reader.optional { reader throws(RanksError) in try reader.text() }
    wishesStop = try reader.number() == 1
    for _ in 0..<(try reader.number()) {
      facts.append(Fact(try reader.text(), try reader.text()))
    }
  }

  /// The first fact of the other rank that differs from this one's; `nil` where all are the same.
  func difference(to other: RankReport) -> (expected: Fact, found: Fact)? {
    for number in 0..<max(facts.count, other.facts.count) {
      let own = number < facts.count ? facts[number] : Fact("facts", "none")
      let theirs = number < other.facts.count ? other.facts[number] : Fact("facts", "none")
      if own != theirs { return (own, theirs) }
    }
    return nil
  }
}
