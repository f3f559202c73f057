/// What is written in a picture: where there is ink, and the pieces that it is made of.
struct InkPicture {
  /// How dark it is against the paper, no edge over ``edge``.
  let ink: Plane
  /// The darkness from which on something is taken for ink.
  let threshold: Float
  /// The pieces of connected ink, without specks and shadows.
  let parts: [InkPart]
  /// The number of its piece for each pixel of ``ink``, -1 for none.
  let labels: [Int32]

  /// The longest edge of the copy in which pieces are looked for.
  private static let edge = 320
  /// What is nearer than this to the paper, in parts of the lighter of the two, is no ink.
  private static let leastContrast: Float = 0.22
  /// The largest piece is no less than the picture's edge divided by this.
  private static let leastPart = 20
  /// A piece of less than this share of the largest one's mass is a speck.
  private static let speck: Float = 0.03
  /// A piece at an edge is a shadow where it is fainter than this share of the darkest piece.
  private static let shadow: Float = 0.75

  init(_ grey: Plane, _ paper: Paper) {
    let small = grey.reduced(to: Self.edge)
    let ink = paper.ink(of: small)
    self.ink = ink
    let noise = ink.deviationOfPaper
    let floor = max(0.06, 4 * noise)
    let level = ink.map { $0 > floor ? $0 : 0 }.typicalOfLargest
    threshold = max(0.45 * level, 4 * noise)
    let (all, labels) = ink.parts(above: threshold)
    let largest = all.map(\.mass).max() ?? 0
    guard let main = all.first(where: { $0.mass == largest }),
      max(main.rows.count, main.columns.count) * Self.leastPart >= ink.edge,
      paper.contrast(small, ink, above: threshold) >= Self.leastContrast
    else {
      (parts, self.labels) = ([], [Int32](repeating: -1, count: ink.values.count))
      return
    }
    let least = Self.speck * largest
    let darkest =
      all.filter { $0.mass >= least && !$0.touchesEdge(of: ink) }.map(\.darkness).max() ?? 0
    var numbers = [Int32](repeating: -1, count: all.count)
    var kept: [InkPart] = []
    for (number, part) in all.enumerated() where part.mass >= least {
      if part.touchesEdge(of: ink), part.darkness < Self.shadow * darkest { continue }
      numbers[number] = Int32(kept.count)
      kept.append(part)
    }
    parts = kept
    self.labels = labels.map { $0 < 0 ? -1 : numbers[Int($0)] }
  }

  /// Whether a piece that is no small part of these reaches an edge of the picture.
  func touchesEdge(_ numbers: [Int]) -> Bool {
    let mass = numbers.reduce(0) { $0 + parts[$1].mass }
    return numbers.contains { parts[$0].touchesEdge(of: ink) && parts[$0].mass > 0.1 * mass }
  }

  /// The numbers of the pieces of each digit, from left to right.
  ///
  /// What overlaps from left to right is one digit. What is small beside the tallest, as the bar of a 5
  /// that is not joined to it may be, belongs to its nearest neighbour; it is a stray mark where that is
  /// far away.
  var digits: [[Int]] {
    var groups: [(numbers: [Int], whole: InkPart)] = []
    for number in parts.indices.sorted(by: {
      parts[$0].columns.lowerBound < parts[$1].columns.lowerBound
    }) {
      let part = parts[number]
      if let last = groups.last, last.whole.overlaps(part) {
        groups[groups.count - 1].numbers.append(number)
        groups[groups.count - 1].whole.join(part)
      } else {
        groups.append(([number], part))
      }
    }
    let tallest = groups.map(\.whole.rows.count).max() ?? 0
    let heaviest = groups.map(\.whole.mass).max() ?? 0
    func isSmall(_ part: InkPart) -> Bool {
      part.rows.count * 2 < tallest && part.mass < 0.35 * heaviest
    }
    var digits = groups.filter { !isSmall($0.whole) }
    for small in groups where isSmall(small.whole) {
      let nearest = digits.indices.min {
        digits[$0].whole.gap(to: small.whole) < digits[$1].whole.gap(to: small.whole)
      }
      if let nearest, digits[nearest].whole.gap(to: small.whole) * 4 <= tallest {
        digits[nearest].numbers += small.numbers
      }
    }
    return digits.map { $0.numbers.sorted() }
  }
}

extension InkPart {
  /// Whether two overlap from left to right by a third of the narrower one.
  fileprivate func overlaps(_ other: InkPart) -> Bool {
    let common =
      min(columns.upperBound, other.columns.upperBound)
      - max(columns.lowerBound, other.columns.lowerBound)
    return common > 0 && 3 * common >= min(columns.count, other.columns.count)
  }

  /// The pixels between two from left to right, 0 where they overlap.
  fileprivate func gap(to other: InkPart) -> Int {
    max(
      0,
      max(columns.lowerBound, other.columns.lowerBound)
        - min(columns.upperBound, other.columns.upperBound))
  }
}

extension Plane {
  /// The standard deviation of what is no ink, judged by the lighter half of it.
  fileprivate var deviationOfPaper: Float {
    // Some thousands of them tell as much as all.
    let step = max(1, values.count / 8192)
    let sorted = stride(from: 0, to: values.count, by: step).map { values[$0] }.sorted()
    return sorted[sorted.count / 2] - sorted[sorted.count / 6]
  }
}
