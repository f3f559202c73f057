extension [String] {
  /// `did you mean …?`, if what was written is likely a slip of one of these.
  package func closest(to text: String) -> String? {
    closestWord(to: text).map { "did you mean \"\($0)\"?" }
  }

  /// The nearest of these, if what was written is likely a slip of it.
  package func closestWord(to text: String) -> String? {
    let ranked = map { (word: $0, distance: $0.editDistance(to: text)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      best.distance <= Swift.max(1, best.word.count / 3)
    else { return nil }
    return best.word
  }
}

extension String {
  /// The letters to insert, remove, replace or swap with their neighbour to turn one text into the
  /// other (Damerau 1964; no letter twice). Texts beyond 64 letters are cut: nobody mistypes a key
  /// that long.
  fileprivate func editDistance(to other: String) -> Int {
    let a = Array(prefix(64))
    let b = Array(other.prefix(64))
    // rows[i][j] is the distance of the first i letters from the first j.
    var rows = [Array(0...b.count)]
    for (i, letter) in a.enumerated() {
      var row = [i + 1]
      for (j, otherLetter) in b.enumerated() {
        let replaced = rows[i][j] + (letter == otherLetter ? 0 : 1)
        row.append(Swift.min(replaced, rows[i][j + 1] + 1, row[j] + 1))
        if i > 0, j > 0, letter == b[j - 1], a[i - 1] == otherLetter {
          row[j + 1] = Swift.min(row[j + 1], rows[i - 1][j - 1] + 1)
        }
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
