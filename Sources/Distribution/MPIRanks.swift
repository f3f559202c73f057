import CMPI
import NeuralNetwork
import Platform
import Synchronization

/// The processes that `mpirun` or another launcher of MPI has started, as one of them.
///
/// One process joins once; all calls come from the thread that joined, and every rank ends by ``finish()``
/// or ``abort(_:)``.
public final class MPIRanks: Ranks {
  /// The number of this process, from 0.
  public let rank: Int
  /// The number of processes.
  public let count: Int
  /// The library that connects them: "Open MPI v4.1.4".
  public let library: String
  /// Its path, or the name by which the system has found it.
  package let libraryPath: String
  /// The name of the machine of each rank.
  public private(set) var hosts: [String] = []

  /// Whether an exchange fails that stands still for the time that ranks were joined with.
  public var hasTimeLimit = true

  private let seconds: Double
  private var failure = cmpi_failure()
  /// Why an exchange has failed; there are no others then.
  private var broken: RanksError?
  private static let hasJoined = Atomic<Bool>(false)

  /// Joins the other ranks, where a launcher of MPI has started this process.
  ///
  /// The launcher is known by the variables that it sets; the library is the one that belongs to it, or the
  /// file that the variable `MINICNN_MPI` names. With `MINICNN_MPI=none` every process is alone.
  ///
  /// Waits until all processes have joined, however long that takes: a tenth of a second to two.
  ///
  /// - Parameter timeout: how long an exchange may stand still before it fails; the variable
  ///   `MINICNN_MPI_TIMEOUT`, in seconds, comes before it.
  /// - Returns: `nil` where no launcher has, or one has started this process alone and there is no library.
  /// - Throws: where there is no library of MPI, or it knows of another number of processes than the
  ///   launcher: then it belongs to another one, and each process would take itself for the only one.
  public static func join(timeout: Duration = .seconds(60)) throws(RanksError) -> MPIRanks? {
    try join(timeout: timeout, variable: environmentVariable)
  }

  /// Joins with these environment variables.
  package static func join(
    timeout: Duration, variable: (String) -> String?
  ) throws(RanksError) -> MPIRanks? {
    let wish = MPIWish(variable)
    guard wish != .none, let launcher = try Launcher(variable) else { return nil }
    var seconds =
      Double(timeout.components.seconds) + 1e-18 * Double(timeout.components.attoseconds)
    if let text = variable("MINICNN_MPI_TIMEOUT"), !text.isEmpty {
      guard let number = Double(text), number > 0 else {
        throw RanksError("MINICNN_MPI_TIMEOUT is \(text.debugDescription), not a number of seconds")
      }
      seconds = number
    }
    let path: String
    do throws(RanksError) {
      path = try MPILibrary.open(for: launcher, wish)
    } catch {
      // A batch system starts single processes, which have nobody to join, with the variables of MPI as well.
      if launcher.count == 1, wish == .launchers { return nil }
      throw error
    }
    require(!hasJoined.exchange(true, ordering: .relaxed), "this process has joined ranks already")
    let ranks: MPIRanks
    do {
      ranks = try MPIRanks(path, seconds: seconds)
      try ranks.compare(with: launcher, path)
    } catch {
      cmpi_finalize()
      throw error
    }
    ranks.hosts = try ranks.gather(Array(String(cString: cmpi_processor_name()).utf8))
      .map { String(decoding: $0, as: UTF8.self) }
    return ranks
  }

  private init(_ path: String, seconds: Double) throws(RanksError) {
    self.seconds = seconds
    libraryPath = path
    library = MPILibrary.version
    var failure = cmpi_failure()
    guard cmpi_init(&failure) == CMPI_DONE else {
      throw RanksError("\(library) cannot join the ranks: \(failure.sentence)")
    }
    (rank, count) = (Int(cmpi_rank()), Int(cmpi_count()))
  }

  /// Fails where the library has not found what the launcher has started.
  private func compare(with launcher: Launcher, _ path: String) throws(RanksError) {
    guard count != launcher.count ?? count || rank != launcher.rank else { return }
    let started = launcher.count.map { "\($0) processes" } ?? "rank \(launcher.rank)"
    throw RanksError(
      "\(launcher.name) has started \(started), but \(library) (\(path)) takes this one for rank "
        + "\(rank) of \(count): it belongs to another launcher; start with the mpirun of \(library), or name "
        + "the library of this launcher in MINICNN_MPI")
  }

  /// Moves bytes by messages of MPI, in pieces of at most 64 MiB.
  ///
  /// - Throws: where nothing moves for the time-out, or MPI reports an error. There are no other exchanges
  ///   then, and the process must end soon, by ``abort(_:)``: MPI may still write to what was to be received.
  public func exchange(
    _ sent: UnsafeBufferPointer<UnsafeRawBufferPointer>,
    _ received: UnsafeBufferPointer<UnsafeMutableRawBufferPointer>
  ) throws(RanksError) {
    if let broken { throw broken }
    require(
      sent.count == count && received.count == count && sent[rank].isEmpty
        && received[rank].isEmpty,
      "an exchange with \(sent.count) and \(received.count) of \(count) ranks, or with itself")
    var outcome = CMPI_DONE
    for other in 0..<count where outcome == CMPI_DONE && !received[other].isEmpty {
      outcome = cmpi_receive(
        Int32(other), received[other].baseAddress, received[other].count, &failure)
    }
    for other in 0..<count where outcome == CMPI_DONE && !sent[other].isEmpty {
      outcome = cmpi_send(Int32(other), sent[other].baseAddress, sent[other].count, &failure)
    }
    if outcome == CMPI_DONE { outcome = cmpi_wait(hasTimeLimit ? seconds : .infinity, &failure) }
    guard outcome != CMPI_DONE else { return }
    let error = RanksError(sentence(outcome))
    broken = error
    throw error
  }

  private func sentence(_ outcome: cmpi_outcome) -> String {
    let other = Int(failure.rank)
    let peer =
      hosts.indices.contains(other) ? "rank \(other) on \(hosts[other])" : "rank \(other)"
    return switch outcome {
    case CMPI_LATE:
      "\(peer) did not answer within \(seconds.formatted) s: it has ended, it hangs, or it cannot be reached"
    case CMPI_LENGTH:
      "\(peer) sent \(failure.arrived) bytes where \(failure.expected) were expected"
    default: "the connection with \(peer) failed: \(failure.sentence)"
    }
  }

  /// Leaves the others, which all must do before they exit, with whatever code.
  ///
  /// Does nothing after an exchange has failed: it would wait for a rank that does not answer.
  public func finish() {
    if broken == nil { cmpi_finalize() }
  }

  /// Ends this process with an exit code, and has the launcher end all the others: for a rank that cannot
  /// go on while the others may wait for it, and after an exchange has failed.
  public func abort(_ code: Int32) -> Never {
    fflush(nil)
    cmpi_abort(code)
  }
}

extension Double {
  /// Without a decimal point where it is whole.
  fileprivate var formatted: String {
    Int(exactly: self).map { String($0) } ?? String(self)
  }
}
