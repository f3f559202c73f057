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

  @Test func layersAreThoseOfTheCode() throws {
    let text = try String(contentsOfFile: Repository.path("docs/models.md"), encoding: .utf8)
    let rows = LayerRegistry.builtIn.map { type in
      let settings = type.descriptions.map { about in
        about.isRequired ? "`\(about.key)`" : "`\(about.key)` (\(about.shortStandard))"
      }
      return "| `\(type.kind)` | \(settings.joined(separator: ", ")) | \(type.help) |"
    }
    let table = rows.joined(separator: "\n")
    #expect(text.contains(table), "docs/models.md should have:\n\(table)")
    for about in LayerCommon.descriptions { #expect(text.contains("`\(about.key)`")) }
  }

  @Test func layersAreInTheHelp() throws {
    for words in [["help", "layers"], ["layers"]] {
      let text = try Program("minicnn").run(words, in: "/").output
      for type in LayerRegistry.builtIn {
        #expect(text.contains("\(type.kind): \(type.help)"), "\(type.kind)")
      }
    }
    let one = try Program("minicnn").run(["layers", "relu", "dropout"], in: "/")
    #expect(
      one.output == """
        relu: max(0, x)
        dropout: sets a random share of the inputs to 0 in training
            rate: 0 to below 1, required
                the share that is dropped

        every layer takes:
            name: a text of one line, default made from the kind
                what summaries, errors and files call the layer
            trainable: true or false, default true
                whether training changes the layer's variables

        """)
    let none = try Program("minicnn").run(["layers", "maxpool2d"], in: "/")
    #expect(none.status == 64)
    #expect(
      none.errors == """
        error: there is no layer "maxpool2d"; did you mean "max_pool2d"?
        see: minicnn help layers

        """)
    let json = try Program("minicnn").run(["layers", "relu", "--json"], in: "/").output
    let keras = #""keras":"re_lu""#
    #expect(json.contains(keras))
  }

  @Test func everyCourseIsInTheDocs() throws {
    let text = try String(contentsOfFile: Repository.path("docs/models.md"), encoding: .utf8)
    for form in Schedule.forms { #expect(text.contains("`\(form)`"), "\(form)") }
  }
}
