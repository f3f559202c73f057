import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C and SIGTERM: the first asks for a stop after the current step, the second quits at once.
enum Interruption {
  /// The signal that asked for a stop; 0 while none has.
  private static let signal = Atomic<Int32>(0)

  /// Starts to listen.
  static func listen() {
    // A parent may have blocked them, and a child inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM] {
      #if canImport(Glibc)
        Glibc.signal(number) { Interruption.take($0) }
      #elseif canImport(Musl)
        Musl.signal(number) { Interruption.take($0) }
      #else
        Darwin.signal(number) { Interruption.take($0) }
      #endif
    }
    // A reader of the output that goes away must not end training.
    #if canImport(Glibc)
      Glibc.signal(SIGPIPE, SIG_IGN)
    #elseif canImport(Musl)
      Musl.signal(SIGPIPE, SIG_IGN)
    #else
      Darwin.signal(SIGPIPE, SIG_IGN)
    #endif
  }

  /// The exit code that the signal calls for, once one has come.
  static var exitCode: Int32? {
    let number = signal.load(ordering: .relaxed)
    return number == 0 ? nil : 128 + number
  }

  /// Runs inside a signal: nothing but what is safe there.
  private static func take(_ number: Int32) {
    let (isFirst, _) = signal.compareExchange(
      expected: 0, desired: number, ordering: .relaxed)
    if !isFirst { _exit(128 + number) }
  }
}
