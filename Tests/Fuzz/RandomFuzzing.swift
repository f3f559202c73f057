import Foundation

/// Changes the seeds at random and says what came of it.
enum RandomFuzzing {
  /// Fails where an input takes over a second of the processor's time, or this process over 64 MB
  /// more memory than before.
  static func run(_ target: any FuzzTarget, name: String, count: Int, seed: UInt64) {
    var mutator = Mutator(seed: seed)
    var sound = 0
    var longest = Duration.zero
    let memory = peakMemory
    for _ in 0..<count {
      let bytes = mutator.next(of: target.seeds)
      let start = processorTime
      if target.reads(bytes) { sound += 1 }
      longest = max(longest, processorTime - start)
    }
    let grown = peakMemory - memory
    print("\(name): \(count) inputs, \(sound) sound, \(count - sound) refused")
    let slowest = longest / .milliseconds(1)
    FileHandle.standardError.write(
      Data("slowest input \(Int(slowest)) ms, \(grown >> 20) MB more memory\n".utf8))
    precondition(longest < .seconds(1.2), "an input took \(longest)")
    precondition(
      grown < 64 << 20 || hasAddressSanitizer, "memory has grown by \(grown) bytes")
  }

  /// The processor's time of this process and of those it has waited for.
  private static var processorTime: Duration {
    [RUSAGE_SELF, RUSAGE_CHILDREN].reduce(.zero) { sum, who in
      let usage = usage(who)
      return [usage.ru_utime, usage.ru_stime].reduce(sum) {
        $0 + .seconds($1.tv_sec) + .microseconds(Int64($1.tv_usec))
      }
    }
  }

  /// Whether freed memory is held back to be watched.
  private static var hasAddressSanitizer: Bool {
    dlsym(dlopen(nil, RTLD_LAZY), "__asan_init") != nil
  }

  private static var peakMemory: Int { usage(RUSAGE_SELF).ru_maxrss << 10 }

  private static func usage(_ who: Who) -> rusage {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(who.rawValue), &usage)
    #else
      getrusage(who, &usage)
    #endif
    return usage
  }

  #if os(Linux)
    private typealias Who = __rusage_who
  #else
    private typealias Who = Int32
  #endif
}
