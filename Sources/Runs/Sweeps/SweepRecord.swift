import Files

/// The result of one run of a sweep.
public struct SweepRecord: Sendable, Equatable {
  /// How a run ended.
  public enum Outcome: Sendable, Equatable {
    /// It ran to its end, with this many epochs and this accuracy on this many images.
    case finished(epochs: Int, accuracy: Double, images: Int)
    /// It failed, and would fail again: its numbers stopped being finite. Says where.
    case failed(String)
  }

  /// The name of its files.
  public let name: String
  /// What its settings are called.
  public let settings: String
  /// Its seed.
  public let seed: UInt64
  /// The seconds it took, to a hundredth.
  public let seconds: Double
  /// How it ended.
  public let outcome: Outcome

  /// Creates a run.
  package init(
    name: String, settings: String, seed: UInt64, seconds: Double, outcome: Outcome
  ) {
    (self.name, self.settings, self.seed) = (name, settings, seed)
    // What is written is what is read back, whoever makes the table.
    (self.seconds, self.outcome) = ((seconds * 100).rounded() / 100, outcome)
  }

  /// The accuracy of a run that finished.
  public var accuracy: Double? {
    if case .finished(_, let accuracy, _) = outcome { accuracy } else { nil }
  }

  /// The images that the accuracy was measured on.
  public var images: Int? {
    if case .finished(_, _, let images) = outcome { images } else { nil }
  }

  /// The columns of a file of such runs.
  static func header(_ score: SweepSpec.Score) -> String {
    "run,seed,epochs,\(score.rawValue)_accuracy,images,seconds,settings,failure"
  }

  /// Reads a line of such a file; `nil` where it is not one.
  init?(line: some StringProtocol) {
    guard let fields = CSV.fields(line), fields.count == 8, !fields[0].isEmpty,
      let seed = UInt64(fields[1]), let seconds = Double(fields[5]), seconds >= 0,
      seconds.isFinite
    else { return nil }
    (name, settings, self.seed, self.seconds) = (fields[0], fields[6], seed, seconds)
    if fields[2...4].allSatisfy(\.isEmpty), !fields[7].isEmpty {
      outcome = .failed(fields[7])
    } else {
      guard let epochs = Int(fields[2]), let accuracy = Double(fields[3]),
        let images = Int(fields[4]), epochs >= 1, (0...1).contains(accuracy), images >= 1,
        fields[7].isEmpty
      else { return nil }
      outcome = .finished(epochs: epochs, accuracy: accuracy, images: images)
    }
  }

  /// The line that is read back as this.
  var line: String {
    let (results, failure) =
      switch outcome {
      case .finished(let epochs, let accuracy, let images):
        ("\(epochs),\(accuracy),\(images)", "")
      case .failed(let reason): (",,", CSV.quoted(reason.onOneLine))
      }
    return "\(CSV.quoted(name)),\(seed),\(results),\(seconds),\(CSV.quoted(settings)),\(failure)"
  }
}
