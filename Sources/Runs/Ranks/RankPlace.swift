import NeuralNetwork
import Platform

/// Where a rank is: its host, and the processors that it may use there.
struct RankPlace: Equatable {
  let host: String
  /// Tells machines apart that call themselves alike: what Linux draws anew when it starts; "" elsewhere.
  let start: String
  /// The numbers of the processors that the process may run on.
  let processors: [Int]
  /// How many of them it may use at once, which a container may limit.
  let available: Int

  init(host: String, start: String = "", processors: [Int], available: Int) {
    (self.host, self.start) = (host, start)
    (self.processors, self.available) = (processors, available)
  }

  /// Where this process is.
  static var own: RankPlace {
    RankPlace(
      host: hostName, start: machineStart, processors: processorsOfThisProcess,
      available: ThreadPool.availableProcessors)
  }

  /// The threads of a rank: its share of the processors that it may use, each divided evenly among the ranks
  /// that may use it too; at least 1.
  static func threads(of rank: Int, among places: [RankPlace]) -> Int {
    let own = places[rank]
    guard !own.processors.isEmpty else { return 1 }
    let neighbours = places.filter { ($0.host, $0.start) == (own.host, own.start) }
      .map { Set($0.processors) }
    let share = own.processors.reduce(0.0) { sum, processor in
      sum + 1 / Double(max(1, neighbours.count { $0.contains(processor) }))
    }
    let limited = share * Double(own.available) / Double(own.processors.count)
    // Thirds of a processor add up to a little less than they are.
    return max(1, Int(limited + 1e-6))
  }

  var bytes: [UInt8] {
    var writer = PacketWriter()
    writer.write(host)
    writer.write(start)
    writer.write(processors)
    writer.write(available)
    return writer.bytes
  }

  init(_ bytes: [UInt8]) throws(RanksError) {
    var reader = PacketReader(bytes)
    host = try reader.text()
    start = try reader.text()
    processors = try reader.array(of: Int.self)
    available = try reader.number()
  }
}
