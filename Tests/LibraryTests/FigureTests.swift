import Foundation
import Testing

/// The figures that README and docs quote are those that were measured.
@Suite struct FigureTests {
  /// The rows of a document's tables, cell by cell.
  private func rows(_ path: String) throws -> [[String]] {
    try Document(path).text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: [" "])
      }
    }
  }

  /// What `Benchmarks/RESULTS.md` says of a network on two threads.
  private struct Result {
    let ours: String
    let theirs: String
    /// Whose it is: its first word, `ONNX` with the second.
    let peer: String
    let ratio: String
    /// The lowest and the highest of the rounds.
    let range: String
  }

  private func result(_ network: String, _ what: String) throws -> Result {
    let row = try #require(
      try rows("Benchmarks/RESULTS.md").first { Array($0.prefix(3)) == [network, "2", what] })
    let figure = /([0-9.,]+)(?: (?:images\/s|µs|s))? \([^)]*\) ?(.*)/
    let ours = try #require(row[3].wholeMatch(of: figure))
    let theirs = try #require(row[4].wholeMatch(of: figure))
    let words = theirs.2.split(separator: " ")
    let ratio = row[5].wholeMatch(of: /(.+×) \((.+)\.\.(.+)\)/)
    return Result(
      ours: String(ours.1), theirs: String(theirs.1),
      peer: words.prefix(words.first == "ONNX" ? 2 : 1).joined(separator: " "),
      ratio: ratio.map { String($0.1) } ?? "", range: ratio.map { "\($0.2) to \($0.3)" } ?? "")
  }

  /// The ratio of the median network of `Benchmarks/FAMILY.md`, of the least and of the most.
  private func family(_ what: String) throws -> (median: String, least: String, most: String) {
    let all = try rows("Benchmarks/FAMILY.md")
    func summary(_ prefix: String) throws -> String {
      try #require(all.first { $0.count == 5 && $0[0] == what && $0[1].hasPrefix(prefix) })[2]
    }
    // The sections are in the order of the summary, and have a row for each network.
    let order = ["training", "inference", "one image"]
    let networks = all.filter { $0.count == 6 && $0[5].contains("×") }
    let count = networks.count / order.count
    let start = try #require(order.firstIndex(of: what)) * count
    let ratios = networks[start..<start + count].map {
      $0[5].prefix { $0 != "×" }
    }
    let most = try #require(ratios.max { (Double($0) ?? 0) < (Double($1) ?? 0) })
    return (try summary("the median network"), try summary("the least"), String(most))
  }

  /// As the landing page shows it: `146,299` as `146,000`, and what has three digits as it is.
  private func rounded(_ text: String) throws -> String {
    let value = try #require(Double(text.replacing(",", with: "")))
    guard value >= 1000 else { return text }
    let unit = pow(10, floor(log10(value)) - 2)
    let number = Int((value / unit).rounded() * unit)
    return "\(number / 1000)," + String(format: "%03d", number % 1000)
  }

  @Test func readmesSpeedsAreMeasured() throws {
    let page = try rows("README.md")
    for (title, network, what, unit) in [
      ("training LeNet-5, images/s", "LeNet-5", "training", ""),
      ("training mnist-cnn, images/s", "mnist-cnn", "training", ""),
      ("predicting, LeNet-5, images/s", "LeNet-5", "inference", ""),
      ("one image, LeNet-5", "LeNet-5", "one image", " µs"),
    ] {
      let found = try result(network, what)
      #expect(
        try page.contains([
          title, rounded(found.ours) + unit, "\(rounded(found.theirs))\(unit) (\(found.peer))",
          "**\(found.ratio)** (\(found.range))",
        ]), "\(title): \(found)")
    }
    let start = try result("LeNet-5", "start to first step")
    #expect(
      page.contains([
        "from start to first step, LeNet-5", "\(start.ours) s", "\(start.theirs) s (\(start.peer))",
        "",
      ]), "\(start)")
    let family = try family("training")
    #expect(
      page.contains([
        "training, the median of 15 networks", "", "",
        "**\(family.median)** (\(family.least.dropLast()) to \(family.most))",
      ]), "\(family)")
  }

  @Test(arguments: ["training", "inference", "one image"])
  func theRatiosToChooseByAreMeasured(what: String) throws {
    let family = try family(what)
    let row = try [
      what, result("LeNet-5", what).ratio, result("mnist-cnn", what).ratio, family.median,
      family.least,
    ]
    #expect(try rows("docs/choosing.md").contains(row), "\(row)")
  }

  @Test(arguments: ["digits-fast", "digits-tiny", "digits-best"])
  func readmesAccuraciesAreTheModels(name: String) throws {
    let row = try #require(try rows("Models/README.md").first { $0[0] == "`\(name)`" })
    let shown = try #require(try rows("README.md").first { $0[0] == "`\(name)`" })
    #expect(shown[1] == row[1])
    #expect(shown[3] == "\(row[5].dropLast()), \(row[6]) seeds)")
  }

  /// docs/fine-tuning.md says of frozen layers what `make check-instructions` holds a step to.
  @Test func theInstructionsAreCounted() throws {
    let records = try Document("Benchmarks/instructions.txt").text
    func count(_ name: String) throws -> Int {
      let line = try #require(records.split(separator: "\n").first { $0.hasPrefix("\(name) ") })
      return try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }
    let (all, frozen) = try (count("lenet5"), count("lenet5-frozen"))
    func grouped(_ count: Int) -> String {
      "\(count / 1000)," + String(format: "%03d", count % 1000)
    }
    let text = try Document("docs/fine-tuning.md").text
    let saved = Int((100 - 100 * Double(frozen) / Double(all)).rounded())
    #expect(text.contains("a training image takes \(saved) % fewer instructions:"))
    #expect(text.contains("| all layers trained | \(grouped(all)) |"))
    #expect(text.contains("| convolutions frozen | \(grouped(frozen)) |"))
  }
}
