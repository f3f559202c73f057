import NeuralNetwork
import Platform

/// Where a rank is: its host, and the processors that it may use there.
struct RankPlace: Equatable {
  let host: String
  /// The same for all containers of a machine, and for no other machine: Linux's boot ID; "" elsewhere.
  let bootID: String
  /// The numbers of the processors that the process may run on.
  let processors: [Int]
  /// How many of them it may use at once, which a container may limit.
  let available: Int

  init(host: String, bootID: String = "", processors: [Int], available: Int) {
    (self.host, self.bootID) = (host, bootID)
    (self.processors, self.available) = (processors, available)
  }

  /// Where this process is.
  static var own: RankPlace {
    RankPlace(
      host: hostName, bootID: Platform.bootID, processors: processorsOfThisProcess,
      available: ThreadPool.availableProcessors)
  }

  /// The threads of a rank: its share of the processors that it may use, each divided evenly among the ranks of
  /// its machine that may use it too, and of those that its container allows at once; at least 1.
  static func threads(of rank: Int, among places: [RankPlace]) -> Int {
    let own = places[rank]
    guard !own.processors.isEmpty else { return 1 }
    let machine = places.filter(own.sharesMachine)
    let allowed = Double(own.available) / Double(own.processors.count)
    let share = min(
      own.share(among: machine), own.share(among: machine.filter { $0.host == own.host }) * allowed)
    // Thirds of a processor add up to a little less than they are.
    return max(1, Int(share + 1e-6))
  }

  private func sharesMachine(with other: RankPlace) -> Bool {
    bootID.isEmpty || other.bootID.isEmpty ? host == other.host : bootID == other.bootID
  }

  /// The processors that are this rank's where each is divided evenly among all that may use it.
  private func share(among places: [RankPlace]) -> Double {
    let all = places.map { Set($0.processors) }
    return processors.reduce(0) { sum, processor in
      sum + 1 / Double(max(1, all.count { $0.contains(processor) }))
    }
  }

  var bytes: [UInt8] {
    var writer = PacketWriter()
    writer.write(host)
    writer.write(bootID)
    writer.write(processors)
    writer.write(available)
    return writer.bytes
  }

  init(_ bytes: [UInt8]) throws(RanksError) {
    var reader = PacketReader(bytes)
    host = try reader.text()
    bootID = try reader.text()
    processors = try reader.array(of: Int.self)
    available = try reader.number()
  }
}
