import ArgumentParser
import Files
import MiniCNN
import Platform
import Reports

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Writes the manual pages, for whoever installs the tool.
struct GenerateManual: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate-manual",
    abstract: "Writes the manual pages of all commands into a folder.",
    discussion: """
      EXAMPLES
        minicnn generate-manual /usr/local/share/man/man1

      Where SOURCE_DATE_EPOCH states a time, in seconds since 1970, the pages bear that date.
      """,
    shouldDisplay: false)

  @Argument(help: "The folder, which has to be there.", completion: .directory) var folder: String

  func run() throws {
    let stated = environmentVariable("SOURCE_DATE_EPOCH").flatMap { Int($0) }
    let date = stated.map { Date(timeIntervalSince1970: Double($0)) } ?? Date()
    let pages = ManualPage.all(
      of: .tool, date: date.formatted(.iso8601.year().month().day()))
    for page in pages { try AtomicFile.write(Array(page.text.utf8), to: "\(folder)/\(page.file)") }
    Terminal.result("\(folder): \(Format.count(pages.count, "page"))".onOneLine)
  }
}
