import Foundation
import MiniCNN
import TestSupport
import Testing

/// The tables of settings in the docs say what the code says of itself.
@Suite struct SettingsDocumentTests {
  /// The rows of a table, as they stand in a document.
  private static func rows(_ settings: [SettingDescription]) -> [String] {
    settings.map { about in
      let owners = about.owners.isEmpty ? "" : " (for \(about.owners.joined(separator: ", ")))"
      let cells = ["`\(about.key)`", about.values, about.shortStandard, about.help + owners]
      return "| \(cells.joined(separator: " | ")) |"
    }
  }

  @Test(arguments: [
    ("docs/models.md", TrainingOptions.descriptions),
    ("docs/recipes.md", Augmentation.descriptions),
  ]) func tablesAreThoseOfTheCode(path: String, settings: [SettingDescription]) throws {
    let text = try String(contentsOfFile: Repository.path(path), encoding: .utf8)
    let table = Self.rows(settings).joined(separator: "\n")
    #expect(text.contains(table), "\(path) should have:\n\(table)")
  }

  @Test func everyCourseIsInTheDocs() throws {
    let text = try String(contentsOfFile: Repository.path("docs/models.md"), encoding: .utf8)
    for form in Schedule.forms { #expect(text.contains("`\(form)`"), "\(form)") }
  }
}
