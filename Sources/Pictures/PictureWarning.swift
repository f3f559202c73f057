/// What looks wrong with a picture that is to be read.
public enum PictureWarning: Sendable, Equatable {
  /// Nothing stands out against the paper.
  case noInk
  /// What is written reaches an edge of the picture: some of it may be missing.
  case inkAtBorder
  /// The strokes, of this mean width in pixels of the network's input, are far thinner than MNIST's.
  case thinStroke(Double)
  /// There seem to be so many digits where one was expected.
  case severalDigits(Int)
  /// The network gives its own prediction no more than this probability.
  case lowConfidence(Double)

  /// Its name in JSON.
  public var name: String {
    switch self {
    case .noInk: "noInk"
    case .inkAtBorder: "inkAtBorder"
    case .thinStroke: "thinStroke"
    case .severalDigits: "severalDigits"
    case .lowConfidence: "lowConfidence"
    }
  }
}

extension PictureWarning: CustomStringConvertible {
  /// What is wrong and what to do about it, in plain words.
  public var description: String {
    switch self {
    case .noInk: "nothing stands out from the paper; is the writing too faint, or out of focus?"
    case .inkAtBorder:
      "the writing reaches the edge of the picture; leave some paper all round it"
    case .thinStroke:
      "the strokes are far thinner than those the network was trained on; use a thicker pen, or"
        + " write smaller"
    case .severalDigits(let count): "it seems to hold \(count) digits, and is read as one"
    case .lowConfidence: "the network is not sure; write more clearly, or look at what it saw"
    }
  }
}
