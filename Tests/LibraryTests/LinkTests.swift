import Foundation
import TestSupport
import Testing

/// Whoever follows a link arrives.
@Suite struct LinkTests {
  @Test func everyLinkLeadsSomewhere() throws {
    let documents = try Document.all()
    var count = 0
    for document in documents {
      let folder = (document.path as NSString).deletingLastPathComponent
      for link in document.links {
        count += 1
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let joined = (folder as NSString).appendingPathComponent(String(parts[0]))
        let target =
          parts[0].isEmpty ? document.path : (joined as NSString).standardizingPath
        #expect(
          FileManager.default.fileExists(atPath: Repository.path(target)), "\(document): \(link)")
        guard parts.count == 2, target.hasSuffix(".md") else { continue }
        #expect(
          try Document(target).anchors.contains(String(parts[1])), "\(document): \(link)")
      }
    }
    #expect(documents.count > 20 && count > 60)
  }

  /// docc leads to no file outside its archive, so articles name those of the repository.
  @Test func whatArticlesNameIsThere() throws {
    var count = 0
    for document in try Document.all(in: Document.catalogue) {
      for name in document.prose.matches(of: /`((?:docs|Examples|Models|Datasets)\/[^`]*)`/) {
        count += 1
        #expect(
          FileManager.default.fileExists(atPath: Repository.path(String(name.1))),
          "\(document): \(name.1)")
      }
    }
    #expect(count > 10)
  }

  @Test func theIndexHasAllDocuments() throws {
    let index = try Document("docs/README.md")
    let names = try FileManager.default.contentsOfDirectory(atPath: Repository.path("docs"))
    for name in names where name.hasSuffix(".md") && name != "README.md" {
      #expect(index.links.contains(name), "docs/README.md does not name \(name)")
    }
    #expect(Set(index.links).count == index.links.count)
  }

  /// docs/choosing.md has no ratio that nobody measured.
  @Test func theRatiosAreMeasured() throws {
    let results = try ["RESULTS", "FAMILY"].map { try Document("Benchmarks/\($0).md").text }
    let ratios = try Document("docs/choosing.md").text.matches(of: /[0-9.]+×/).map { $0.0 }
    #expect(ratios.count == 12)
    for ratio in ratios {
      #expect(results.contains { $0.contains(" \(ratio)") }, "\(ratio)")
    }
    // README rounds those of them that it shows.
    let shown = try Document("README.md").text.matches(of: /\*\*([0-9.]+)×\*\*/).map { $0.1 }
    let rounded = Set(
      ratios.compactMap { Double($0.dropLast()) }.map { String(format: "%.1f", $0) })
    #expect(shown.count == 5 && rounded.isSuperset(of: shown.map(String.init)))
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
