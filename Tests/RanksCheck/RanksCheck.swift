import CAllocationCount
import Distribution
import NeuralNetwork
import Platform

/// Does under a launcher of MPI what its first argument says, for Tests/MPI/test_mpi.py to watch. Exits with
/// 3 where the ranks cannot go on together.
@main enum RanksCheck {
  static func main() {
    let handlers = SignalHandlers()
    let ranks: MPIRanks
    do {
      guard let joined = try MPIRanks.join() else {
        say("alone")
        return
      }
      ranks = joined
    } catch {
      complain(error)
      UnjoinedRank.endOthers(3)
      exit(3)
    }
    do {
      try run(CommandLine.arguments.dropFirst().first ?? "bytes", ranks, handlers)
    } catch let error as RanksError {
      complain(error)
      ranks.abort(3)
    } catch {
      complain(error)
      ranks.finish()
      exit(3)
    }
    ranks.finish()
  }

  private static func run(
    _ what: String, _ ranks: MPIRanks, _ handlers: SignalHandlers
  ) throws {
    let last = ranks.count - 1
    switch what {
    case "who":
      say(
        "rank \(ranks.rank) of \(ranks.count) on \(ranks.hosts[ranks.rank]), "
          + "\(ranks.hosts.count { $0 == ranks.hosts[ranks.rank] }) here, \(ranks.library) (\(ranks.libraryPath))"
      )
    case "signals":
      let changed = handlers.changes(to: SignalHandlers())
      guard changed.isEmpty else {
        throw Wrong("joining changes the handlers of signals \(changed)")
      }
      if ranks.isFirst { say("signal handlers as before") }
    case "bytes":
      let count = try Exchanges(ranks).verify()
      if ranks.isFirst { say("\(count) exchanges") }
    case "time":
      for (bytes, rounds) in [(320_000, 300), (4_800_000, 50)] {
        let milliseconds = try Exchanges(ranks).time(bytes, rounds: rounds)
        if ranks.isFirst { say("\(bytes) bytes \(milliseconds) ms") }
      }
    case "heap":
      let counts = try [0, 320_000].map { try Exchanges(ranks).allocations($0, rounds: 100) }
      if ranks.isFirst {
        say(
          allocation_count_works() == 0
            ? "not counted"
            : "\(counts[0]) allocations in 100 exchanges without bytes, \(counts[1]) in 100 of 320000"
        )
      }
    case "hang":
      say("rank \(ranks.rank) is process \(getpid())")
      if ranks.rank == last { sleep(600) }
      _ = try ranks.gather(0)
    case "wait":
      // Until somebody ends a rank, or a network.
      say("rank \(ranks.rank) is process \(getpid())")
      while true { _ = try ranks.gather([UInt8](repeating: 1, count: 100_000)) }
    case "die":
      if ranks.rank == last { kill(getpid(), SIGKILL) }
      while true { _ = try ranks.gather(0) }
    case "abort":
      if ranks.rank == last { ranks.abort(5) }
      while true { _ = try ranks.gather(0) }
    case "together":
      throw Wrong("all ranks fail together")
    case "short":
      try Exchanges(ranks).sendTooLittle()
    default:
      throw Wrong("no \(what)")
    }
  }

  private static func complain(_ error: any Error) { say("\(error)", to: 2) }

  /// Prints a line at once, as one whole.
  private static func say(_ line: String, to descriptor: Int32 = 1) {
    let text = "\(line)\n"
    _ = text.withCString { write(descriptor, $0, strlen($0)) }
  }
}

struct Wrong: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// What the signals do that a run listens for or lives with.
struct SignalHandlers {
  private var handlers: [Int32: Int] = [:]

  init() {
    for number in [SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD] {
      var action = sigaction()
      sigaction(number, nil, &action)
      // The handler comes first, whatever its system calls it.
      handlers[number] = withUnsafeBytes(of: action) { $0.load(as: Int.self) }
    }
  }

  /// The numbers of those that do something else then.
  func changes(to others: SignalHandlers) -> [Int32] {
    handlers.filter { others.handlers[$0.key] != $0.value }.keys.sorted()
  }
}
