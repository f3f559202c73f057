import Foundation
import TestSupport
import Testing

/// docc makes the library's documentation without a warning, and every public symbol has its place in it.
@Suite struct DocumentationTests {
  @Test func doccIsContent() throws {
    let folder = try TemporaryFolder()
    let build = (Program.path(of: "minicnn") as NSString).deletingLastPathComponent
    let outcome = try Program(at: Repository.path(".ci/make-docs")).run(
      [build, folder("archive"), "--warnings-as-errors"], in: folder.path)
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.output)\n\(outcome.errors)")
    let pages = folder("archive") + "/data/documentation/minicnn"
    for article in ["firstnetwork", "followadigit", "conv2d", "run", "fileerror"] {
      #expect(FileManager.default.fileExists(atPath: "\(pages)/\(article).json"), "\(article)")
    }
  }
}
