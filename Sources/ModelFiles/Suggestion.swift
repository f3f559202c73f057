extension [String] {
  /// `did you mean …?`, if one of these is a likely slip away from what was written.
  func closest(to text: String) -> String? {
    let ranked = map { (word: $0, distance: $0.editDistance(to: text)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      best.distance <= Swift.max(1, best.word.count / 3)
    else { return nil }
    return "did you mean \"\(best.word)\"?"
  }
}

extension String {
  /// The letters to insert, remove or replace to turn one text into the other (Levenshtein 1966).
  /// Texts beyond 64 letters are cut: nobody mistypes a key that long.
  fileprivate func editDistance(to other: String) -> Int {
    let a = Array(prefix(64))
    let b = Array(other.prefix(64))
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, otherLetter) in b.enumerated() {
        let replaced = diagonal + (letter == otherLetter ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = Swift.min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
