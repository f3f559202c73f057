/// The exit codes, as help and the manual list them.
enum ExitStatus {
  static let meanings: [(codes: String, meaning: String)] = [
    ("0", "done"), ("1", "training or a check failed"), ("64", "usage"), ("65", "bad data"),
    ("66", "missing input"), ("74", "input or output failed"),
    ("129, 130, 131 or 143", "interrupted (the state is saved)"),
  ]

  /// All of them in one sentence.
  static var sentence: String {
    meanings.map { "\($0.codes) \($0.meaning)" }.joined(separator: ", ")
  }
}
