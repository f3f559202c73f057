import ImageData

/// Findings as they are made.
struct DataReport {
  private(set) var findings: [DataFinding] = []

  mutating func add(
    _ severity: DataFinding.Severity, _ subject: DataFinding.Subject, _ part: DataSplit?,
    _ message: String, images: Int? = nil
  ) {
    findings.append(
      DataFinding(
        severity: severity, subject: subject, part: part, message: message, images: images))
  }

  /// Adds one that concerns some images of a part: wrong where they are many.
  mutating func add(
    _ images: Int, of part: DataCheck.Part, _ subject: DataFinding.Subject, _ message: String
  ) {
    let share = Double(images) / Double(part.images.count)
    add(
      share > DataCheck.tolerance ? .wrong : .warning, subject, part.split, message, images: images)
  }

  /// What is wrong first; of equal severity, as they were made.
  var sorted: [DataFinding] {
    [DataFinding.Severity.wrong, .warning, .note].flatMap { severity in
      findings.filter { $0.severity == severity }
    }
  }

  /// "1 image", "2 images".
  static func count(_ number: Int, _ noun: String = "image") -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
