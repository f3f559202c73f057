import Foundation
import TestSupport

/// What the help of a command lists, read from its text as a person reads it.
struct HelpItems {
  struct Item {
    let label: String
    var text: String

    /// The options in it.
    var options: [String] {
      label.split { $0 == " " || $0 == "," || $0 == "/" }.map(String.init)
        .filter { $0.hasPrefix("-") }
    }
  }

  struct List {
    let title: String
    var items: [Item] = []
  }

  /// The words that call the command.
  let words: [String]
  let abstract: String
  /// The lines between the abstract and the usage.
  private(set) var discussion: [String] = []
  private(set) var usage = ""
  private(set) var lists: [List] = []

  /// Those of every command that help lists, the tool first.
  static let all: [HelpItems] = (try? below(["minicnn"])) ?? []

  private static func below(_ words: [String]) throws -> [HelpItems] {
    let help = try HelpItems(words)
    return try [help] + help.commands.flatMap { try below(words + [$0.label]) }
  }

  private init(_ words: [String]) throws {
    self.words = words
    let text = try Program("minicnn").run(
      ["help"] + words.dropFirst(), in: "/", environment: ["COLUMNS": "100"]
    ).output
    let paragraphs = text.components(separatedBy: "\n\n")
    abstract = paragraphs[0].dropFirst("OVERVIEW: ".count).split(separator: "\n")
      .joined(separator: " ")
    for paragraph in paragraphs.dropFirst() {
      let lines = paragraph.split(separator: "\n").map(String.init)
      if paragraph.hasPrefix("USAGE: ") {
        usage = paragraph.dropFirst("USAGE: ".count).split { $0.isWhitespace }
          .joined(separator: " ")
      } else if usage.isEmpty {
        discussion += lines
      } else if let title = lines.first, title.hasSuffix(":") {
        lists.append(List(title: String(title.dropLast()), items: Self.items(lines.dropFirst())))
      }
    }
  }

  private static func items(_ lines: ArraySlice<String>) -> [Item] {
    let indent = String(repeating: " ", count: 26)
    var items: [Item] = []
    for line in lines {
      if line.hasPrefix(indent), !items.isEmpty {
        let text = items[items.count - 1].text
        items[items.count - 1].text = (text.isEmpty ? "" : text + " ") + line.dropFirst(26)
        continue
      }
      let isBeside = line.count > 26 && line.dropFirst(25).first == " "
      let label = (isBeside ? line.prefix(26) : line[...]).split(separator: " ")
        .joined(separator: " ")
      items.append(Item(label: label, text: isBeside ? String(line.dropFirst(26)) : ""))
    }
    return items
  }

  /// The options of all lists, each with its help.
  var options: [(option: String, help: String)] {
    lists.filter { $0.title != "SUBCOMMANDS" }.flatMap { list in
      list.items.flatMap { item in item.options.map { ($0, item.text) } }
    }
  }

  /// The commands below it.
  var commands: [Item] { lists.first { $0.title == "SUBCOMMANDS" }?.items ?? [] }
}
