#if LIBFUZZER
  import Foundation

  /// libFuzzer's engine; it comes with the compiler's runtime.
  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32

  /// Inputs that are led by what parts of the program they reach.
  enum LibFuzzer {
    nonisolated(unsafe) private static var target: (any FuzzTarget)?

    /// Never returns.
    static func run(_ target: any FuzzTarget, count: Int, seed: UInt64) throws -> Never {
      self.target = target
      let corpus = NSTemporaryDirectory() + "minicnn-fuzz-\(getpid())"
      try FileManager.default.createDirectory(atPath: corpus, withIntermediateDirectories: true)
      for (number, seed) in target.seeds.enumerated() {
        try Data(seed).write(to: URL(fileURLWithPath: "\(corpus)/\(number)"))
      }
      let flags = [
        "Fuzz", "-runs=\(count)", "-seed=\(seed)", "-max_len=4096", "-timeout=1",
        "-malloc_limit_mb=64", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0", corpus,
      ]
      var words: [UnsafeMutablePointer<CChar>?] = flags.map { strdup($0) } + [nil]
      var count = Int32(flags.count)
      words.withUnsafeMutableBufferPointer { words in
        var start = words.baseAddress
        _ = runDriver(&count, &start) { bytes, count in
          _ = LibFuzzer.target?.reads(UnsafeRawBufferPointer(start: bytes, count: count))
          return 0
        }
      }
      try FileManager.default.removeItem(atPath: corpus)
      exit(0)
    }
  }
#endif
