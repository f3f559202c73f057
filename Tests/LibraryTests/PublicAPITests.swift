import Foundation
import TestSupport
import Testing

/// docs/api.md has the public API, so that none of it changes unseen.
@Suite struct PublicAPITests {
  @Test(
    .enabled(if: printsAsTheDocumentDoes, "another Swift than 6.3 prints declarations differently"))
  func theDocumentIsTheBuild() throws {
    let path = Repository.path("docs/api.md")
    let built = try PublicAPI().document
    if ProcessInfo.processInfo.environment["MINICNN_RECORD_API"] != nil {
      try built.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOfFile: path, encoding: .utf8)
    let (before, now) = (PublicAPI.entries(of: written), PublicAPI.entries(of: built))
    #expect(now.count > 1000)
    let removed = before.subtracting(now).sorted().map { "removed: \($0)" }
    let added = now.subtracting(before).sorted().map { "added: \($0)" }
    // Not the texts themselves, which would be printed.
    let isSame = written == built
    #expect(
      isSame,
      """
      the public API has changed; make record-api if that is meant, and say so in CHANGELOG.md
      \((removed + added).joined(separator: "\n"))
      """)
  }

  #if os(Linux) && compiler(>=6.3) && compiler(<6.4)
    private static let printsAsTheDocumentDoes = true
  #else
    private static let printsAsTheDocumentDoes = false
  #endif
}
