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
}
