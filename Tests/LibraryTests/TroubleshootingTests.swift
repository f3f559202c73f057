import Foundation
import TestSupport
import Testing

/// docs/troubleshooting.md shows messages as the tool prints them.
@Suite(.serialized) struct TroubleshootingTests {
  /// Whether a text is another one, whose `…` stand for anything.
  private static func agrees(_ text: String, _ pattern: String) throws -> Bool {
    let parts = pattern.components(separatedBy: "…").map(NSRegularExpression.escapedPattern)
    let expression = try NSRegularExpression(
      pattern: "^\(parts.joined(separator: ".*"))$", options: [.dotMatchesLineSeparators])
    return expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
  }

  /// In one folder, one after the other: a line that begins with `$` is run by a shell, what follows it is what
  /// comes out on either stream.
  @Test func theMessagesAreThoseOfTheTool() throws {
    let folder = try TemporaryFolder()
    for name in ["Datasets", "Models", "docs"] { try folder.link(name) }
    let tool = (Program.path(of: "minicnn") as NSString).deletingLastPathComponent
    let path = "\(tool):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    var errors = 0
    for block in try Document("docs/troubleshooting.md").blocks("console") {
      for entry in ("\n" + block).components(separatedBy: "\n$ ").dropFirst() {
        let lines = entry.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let command = String(lines[0])
        let expected = (lines.count == 2 ? String(lines[1]) : "").trimmingCharacters(in: .newlines)
        let outcome = try Program(at: "/bin/sh").run(
          ["-c", "exec 2>&1\n\(command)"], in: folder.path, environment: ["PATH": path])
        let output = outcome.output.trimmingCharacters(in: .newlines)
        // Other instruction sets round otherwise, so a network learns otherwise.
        if ShippedModelTests.roundsAsStated || !expected.contains("accuracy") {
          #expect(try Self.agrees(output, expected), "\(command)\n\(output)")
        }
        // Whatever prints an error fails, and nothing else.
        let isError = expected.split(separator: "\n").contains { $0.hasPrefix("error: ") }
        #expect((outcome.status != 0) == isError, "\(command)\n\(output)")
        errors += isError ? 1 : 0
      }
    }
    #expect(errors >= 15)
  }
}
