import Platform
import Synchronization

/// Ctrl-C, SIGTERM and a terminal that goes away: the first asks for a stop after the current step, the
/// second quits at once.
enum Interruption {
  /// The signal that asked for a stop; 0 while none has.
  private static let signal = Atomic<Int32>(0)

  /// Starts to listen.
  static func listen() {
    // Made here, as it could not be inside a signal.
    _ = signal.load(ordering: .relaxed)
    // A parent may have blocked them, and a child inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGQUIT, SIGHUP] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM, SIGQUIT] { setSignalHandler(number) { Interruption.take($0) } }
    // Started with nohup or the like, it is meant to keep running.
    if !ignoresSignal(SIGHUP) { setSignalHandler(SIGHUP) { Interruption.take($0) } }
    // A reader of the output that goes away must not end training.
    setSignalHandler(SIGPIPE, SIG_IGN)
  }

  /// The exit code that the signal calls for, once one has come.
  static var exitCode: Int32? {
    let number = signal.load(ordering: .relaxed)
    return number == 0 ? nil : 128 + number
  }

  /// Asks for a stop as SIGTERM would, but for none at once where one has been asked for already.
  static func stop() {
    _ = signal.compareExchange(expected: 0, desired: SIGTERM, ordering: .relaxed)
  }

  /// Runs inside a signal: nothing but what is safe there.
  private static func take(_ number: Int32) {
    let (isFirst, _) = signal.compareExchange(
      expected: 0, desired: number, ordering: .relaxed)
    if !isFirst { _exit(128 + number) }
  }
}
