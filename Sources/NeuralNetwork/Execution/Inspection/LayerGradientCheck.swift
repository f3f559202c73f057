/// What a ``ModelGradientChecker`` found of one layer.
public struct LayerGradientCheck: Sendable, Equatable {
  /// What it found of the gradient of one variable, or of an input.
  public struct Part: Sendable, Equatable {
    /// The variable's name, or `input`; `input 1`, `input 2`, … where several are joined.
    public let name: String
    /// The numbers it has: the parameters of a variable, or a batch of inputs.
    public let count: Int
    /// How many of them were compared with differences.
    public internal(set) var compared = 0
    /// How many were left out for a kink: where the slopes on both sides differ however small the step, and
    /// backward gives a number between them.
    public internal(set) var steppedRound = 0
    /// The largest difference between backward and differences, as a share of the part's largest derivative.
    public internal(set) var difference = 0.0
    /// Where the two disagree; `nil` where they do not.
    public internal(set) var disagreement: Disagreement?

    init(_ name: String, count: Int) { (self.name, self.count) = (name, count) }
  }

  /// A derivative that is wrong.
  public struct Disagreement: Sendable, Equatable {
    /// Its place among the numbers of its part.
    public let place: Int
    /// What the layer's backward pass gives.
    public let backward: Double
    /// What differences of its forward pass give.
    public let differences: Double
    /// How many of the compared numbers are wrong.
    public internal(set) var count: Int
  }

  /// What there is to say of a layer.
  public enum Verdict: String, Sendable, Codable {
    /// All that was compared agrees.
    case right
    /// A gradient differs, or a pass depends on what it finds in its memory.
    case wrong
    /// Every number of a part lay on a kink, so that nothing is known of it.
    case unknown
  }

  /// The layer's name.
  public let layer: String
  /// Its kind, as a model file has it; `add`, `multiply` or `concatenate` where activations are joined.
  public let kind: String
  /// Its inputs, then its trained variables; those of a frozen layer have no gradient.
  public let parts: [Part]
  /// What a second pass, which finds other numbers in its memory, does otherwise: a sentence for each.
  public let faults: [String]

  /// What there is to say of the layer.
  public var verdict: Verdict {
    if !faults.isEmpty || parts.contains(where: { $0.disagreement != nil }) { return .wrong }
    return parts.contains { $0.compared == 0 && $0.count > 0 } ? .unknown : .right
  }

  /// What is wrong, a sentence for each part and fault; empty where nothing is.
  public var failures: [String] {
    faults
      + parts.compactMap { part in
        part.disagreement.map {
          "\(layer) \(part.name) \($0.place): backward gives \(Float($0.backward)), differences give"
            + " \(Float($0.differences)); \($0.count) of \(part.compared) compared are wrong"
        }
      }
  }
}

extension LayerGradientCheck {
  /// What there is to say of several layers together: wrong where one is, otherwise unknown where one is.
  public static func verdict(of checks: [LayerGradientCheck]) -> Verdict {
    let verdicts = Set(checks.map(\.verdict))
    return [.wrong, .unknown].first(where: verdicts.contains) ?? .right
  }
}
