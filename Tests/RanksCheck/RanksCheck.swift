import Distribution
import NeuralNetwork
import Platform

/// Does under a launcher of MPI what its first argument says, for Tests/MPI/test_mpi.py to watch. Exits with
/// 3 where the ranks cannot go on together.
@main enum RanksCheck {
  static func main() {
    let handlers = SignalHandlers()
    setvbuf(stdout, nil, _IOLBF, 0)
    let ranks: MPIRanks
    do {
      guard let joined = try MPIRanks.join() else {
        print("alone")
        return
      }
      ranks = joined
    } catch {
      complain(error)
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
      print(
        "rank \(ranks.rank) of \(ranks.count) on \(ranks.hosts[ranks.rank]),",
        "\(ranks.ranksOnThisHost) here, \(ranks.library)")
    case "signals":
      guard handlers == SignalHandlers() else { throw Wrong("joining changes signal handlers") }
      if ranks.isFirst { print("signal handlers as before") }
    case "bytes":
      let count = try Exchanges(ranks).verify()
      if ranks.isFirst { print("\(count) exchanges") }
    case "time":
      for (bytes, rounds) in [(320_000, 300), (4_800_000, 50)] {
        let milliseconds = try Exchanges(ranks).time(bytes, rounds: rounds)
        if ranks.isFirst { print("\(bytes) bytes \(milliseconds) ms") }
      }
    case "hang":
      print("rank \(ranks.rank) is process \(getpid())")
      if ranks.rank == last { sleep(600) }
      _ = try ranks.gather(0)
    case "wait":
      // Until somebody ends a rank, or a network.
      print("rank \(ranks.rank) is process \(getpid())")
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

  private static func complain(_ error: any Error) {
    let text = "\(error)\n"
    _ = text.withCString { write(2, $0, strlen($0)) }
  }
}

struct Wrong: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// What the signals do that a run listens for.
struct SignalHandlers: Equatable {
  private let handlers = [SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD, SIGALRM].map {
    number in
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
  }
}
