import Files
import ModelFiles
import NeuralNetwork
import Training

/// What a sweep's file states of a setting.
enum SweepValues: Sendable, Equatable {
  /// These values.
  case choices([SweepChoice])
  /// Any value of a range.
  case range(SweepRange)

  /// The setting's key.
  var key: String {
    switch self {
    case .choices(let choices): choices.first?.key ?? ""
    case .range(let range): range.key
    }
  }
}

/// Random search (Bergstra and Bengio 2012): settings drawn by chance from lists and ranges.
///
/// A draw follows from the seed, its number and the setting's key alone: every worker draws the same, more
/// samples begin with the fewer ones, and a further setting leaves the draws of the others as they are.
enum SweepSearch {
  /// Draws this many distinct choices of settings; `nil` where there are, or are found, too few.
  ///
  /// - Parameter found: is set to the number of those that were found.
  static func draws(
    _ samples: Int, of settings: [SweepValues], seed: UInt64, file: String, found: inout Int
  ) throws(FileError) -> [[SweepChoice]]? {
    let keys = settings.map { number(ofKey: $0.key) }
    var draws: [[SweepChoice]] = []
    var texts: Set<[String]> = []
    // Enough to come upon each of as many choices as samples, but for one case in ten thousand.
    for attempt in 0..<20 * samples + 1000 where draws.count < samples {
      var draw: [SweepChoice] = []
      for (values, key) in zip(settings, keys) {
        var random = CounterRandom(seed: seed, .search, attempt, key)
        switch values {
        case .choices(let choices): draw.append(choices[random.below(choices.count)])
        case .range(let range): draw.append(try range.draw(&random, file: file))
        }
      }
      if texts.insert(draw.map(\.text)).inserted { draws.append(draw) }
    }
    found = draws.count
    return draws.count == samples ? draws : nil
  }

  /// A number that tells a key from others.
  private static func number(ofKey key: String) -> Int {
    SHA256.digest(Array(key.utf8)).prefix(8).reduce(0) { $0 << 8 | Int($1) }
  }
}
