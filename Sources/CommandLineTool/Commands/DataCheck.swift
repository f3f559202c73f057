import ArgumentParser
import MiniCNN

/// What is wrong with a data set.
struct DataCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Looks for what is wrong with a data set before anybody trains on it.",
    discussion: """
      EXAMPLES
        minicnn data check mnist
        minicnn data check my-data --json

      Damaged, missing and swapped files; numbers and sizes of images; labels without a name; classes \
      without images; images that are there twice, with another label, or among both the training \
      and the test images; images of one shade; digits that are transposed. MNIST and Fashion-MNIST \
      are recognized by their content. Where over 1 % of the images have a fault it is wrong, \
      otherwise a warning.

      Exit code 0 if nothing is wrong, 1 if something is. JSON: data, sound, parts (part, images, \
      height, width, channels, sha256, known), classes (name, counts in the order of the parts), \
      findings (severity: wrong, warning or note; subject, part, message, images).
      """)

  @Argument(
    help:
      "The folder of the data set, one of several in it as folder/name, or the name of an installed one.",
    completion: .lookUp(.data))
  var data: String
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let data = try Installation.current.path(of: data, as: .data)
    let check = try DataCheck(DataFolder(data))
    if jsonFlag.json {
      try JSONOutput.print(CheckOutput(data, check))
    } else {
      printParts(check)
      printClasses(check)
      printFindings(check)
    }
    guard check.isSound else {
      let faults = check.findings.count { $0.severity == .wrong }
      throw Failure(.failed, "\(data): \(Format.count(faults, "finding")) of what is wrong")
    }
  }

  private func printParts(_ check: DataCheck) {
    guard !check.parts.isEmpty else { return }
    var table = Table([
      .text("part"), .number("images"), .text("size"), .text("SHA-256", mayBeMissed: true),
    ])
    for part in check.parts {
      table.add([
        part.split.rawValue, Format.grouped(part.images.count), "\(part.images.sampleShape)",
        String((part.images.sha256 ?? "").prefix(12)),
      ])
    }
    table.print()
    Terminal.result("")
  }

  private func printClasses(_ check: DataCheck) {
    guard !check.classes.isEmpty else { return }
    var table = Table(
      [.text("class")]
        + check.parts.flatMap { [.number("\($0.split)"), .number("share", mayBeMissed: true)] })
    for row in check.classes {
      table.add(
        [row.name]
          + zip(row.counts, check.parts).flatMap { count, part in
            [Format.grouped(count), Format.percent(Double(count) / Double(part.images.count))]
          })
    }
    table.print()
    Terminal.result("")
  }

  private func printFindings(_ check: DataCheck) {
    guard !check.findings.isEmpty else { return Terminal.result("nothing was found") }
    // Sentences, which a table would cut on a narrow terminal.
    var list = FactList()
    for finding in check.findings {
      let part = finding.part.map { " \($0)" } ?? ""
      list.add("\(finding.severity.rawValue): \(finding.subject.rawValue)\(part)", finding.message)
    }
    list.print()
  }
}

/// What `--json` prints.
private struct CheckOutput: Encodable {
  struct Part: Encodable {
    let part: String
    let images: Int
    let height: Int
    let width: Int
    let channels: Int
    let sha256: String?
    let known: String?
  }

  struct Class: Encodable {
    let name: String
    let counts: [Int]
  }

  struct Finding: Encodable {
    let severity: String
    let subject: String
    let part: String?
    let message: String
    let images: Int?
  }

  let data: String
  let sound: Bool
  let parts: [Part]
  let classes: [Class]
  let findings: [Finding]

  init(_ data: String, _ check: DataCheck) {
    self.data = data
    sound = check.isSound
    parts = check.parts.map { part in
      Part(
        part: part.split.rawValue, images: part.images.count, height: part.images.height,
        width: part.images.width, channels: part.images.channels, sha256: part.images.sha256,
        known: part.known)
    }
    classes = check.classes.map { Class(name: $0.name, counts: $0.counts) }
    findings = check.findings.map {
      Finding(
        severity: $0.severity.rawValue, subject: $0.subject.rawValue, part: $0.part?.rawValue,
        message: $0.message, images: $0.images)
    }
  }
}
