import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

@Suite struct RewrittenFileTests {
  @Test func aFileThatIsReadAndWrittenAgainKeepsItsBytes() throws {
    let before = Repository.path("Models/digits-best.weights.h5")
    let again = NSTemporaryDirectory() + "minicnn-\(UUID().uuidString).weights.h5"
    defer { try? FileManager.default.removeItem(atPath: again) }
    try Checkpoint(contentsOf: before).save(to: again)
    #expect(try WholeFile.read(again) == WholeFile.read(before))
  }
}
