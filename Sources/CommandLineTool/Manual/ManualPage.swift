import ArgumentParser

/// The manual page of a command, made of its help.
struct ManualPage {
  let command: CommandDescription
  /// The day it was made: `2026-01-31`.
  let date: String

  /// The pages of a tool's commands, its own first.
  static func all(of tool: CommandDescription, date: String) -> [ManualPage] {
    [ManualPage(command: tool, date: date)]
      + tool.shownCommands.filter { !isHelp($0) }.flatMap { all(of: $0, date: date) }
  }

  /// What it is called: `minicnn-data-import`.
  var name: String { Self.name(command) }
  /// The file that man looks for.
  var file: String { "\(name).1" }

  /// The page in man(7).
  var text: String {
    let help = HelpText(command.discussion ?? "")
    var page = Roff()
    page.macro(
      "TH", Roff.escaped(name.uppercased(), isLiteral: true), "1", date,
      Main.configuration.version, "MiniCNN")
    page.section("NAME")
    page.lines(of: Roff.escaped(name, isLiteral: true) + " \\- " + Roff.escaped(abstract))
    page.section("SYNOPSIS")
    page.lines(of: Roff.synopsis(usage))
    writeDescription(help, to: &page)
    writeCommands(to: &page)
    writeOptions(to: &page)
    if let examples = help.titled["EXAMPLES"] {
      page.section("EXAMPLES")
      page.literal(examples)
    }
    page.section("EXIT STATUS")
    for status in ExitStatus.allCases {
      page.entry(Roff.bold("\(status.rawValue)"), status.meaning)
    }
    page.section("ENVIRONMENT")
    for (name, meaning) in EnvironmentTable.variables { page.entry(Roff.bold(name), meaning) }
    let files = help.rows("FILES")
    if !files.isEmpty { page.section("FILES") }
    for (term, text) in files { page.entry(Roff.italic(term), text) }
    writeReferences(to: &page)
    return page.text
  }

  private static func name(_ command: CommandDescription) -> String {
    command.words.joined(separator: "-")
  }

  /// Whether it is ArgumentParser's own command that prints help.
  private static func isHelp(_ command: CommandDescription) -> Bool {
    command.commandName == "help" && command.superCommands?.count == 1
  }

  private var commands: [CommandDescription] {
    command.shownCommands.filter { !Self.isHelp($0) }
  }

  private var abstract: String {
    let text = command.abstract ?? ""
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  private var usage: String {
    let root: any ParsableCommand.Type = Main.self
    let type = command.words.dropFirst().reduce(root) { type, name in
      type.configuration.subcommands.first { $0._commandName == name } ?? type
    }
    return Main.usageString(for: type)
  }

  private func writeDescription(_ help: HelpText, to page: inout Roff) {
    guard !help.blocks.isEmpty else { return }
    page.section("DESCRIPTION")
    for block in help.blocks {
      switch block {
      case .paragraph(let text): page.paragraph(text)
      case .literal(let lines): page.literal(lines)
      }
    }
  }

  private func writeCommands(to page: inout Roff) {
    guard !commands.isEmpty else { return }
    page.section("SUBCOMMANDS")
    for command in commands {
      page.entry(Roff.bold(command.commandName), command.abstract ?? "")
    }
  }

  private func writeOptions(to page: inout Roff) {
    if !command.positionals.isEmpty { page.section("ARGUMENTS") }
    for argument in command.positionals {
      page.entry(Roff.synopsis(argument.synopsis), argument.help)
    }
    let options = command.options
    if !options.isEmpty { page.section("OPTIONS") }
    var titles: [String] = []
    for title in options.compactMap({ $0[0].sectionTitle }) where !titles.contains(title) {
      titles.append(title)
    }
    for title in [nil] + titles {
      if let title { page.macro("SS", title) }
      for group in options where group[0].sectionTitle == title {
        page.entry(
          Roff.synopsis(group.map(\.synopsis).joined(separator: "/")), group[0].help)
      }
    }
  }

  /// The pages of the commands above it, below it and beside it.
  private func writeReferences(to page: inout Roff) {
    let above = command.superCommands.map { words in
      words.indices.map { words[...$0].joined(separator: "-") }
    }
    let names = (above ?? []) + commands.map(Self.name)
    guard !names.isEmpty else { return }
    page.section("SEE ALSO")
    for (number, name) in names.enumerated() {
      page.macro(
        "BR", Roff.escaped(name, isLiteral: true), "(1)" + (number == names.count - 1 ? "" : ","))
    }
  }
}

extension ArgumentDescription {
  /// How help writes it: `-o, --output <file>`.
  fileprivate var synopsis: String {
    let value = valueName.map { "<\($0)>" } ?? ""
    let names = options.filter { !$0.hasPrefix("--") } + options.filter { $0.hasPrefix("--") }
    switch kind {
    case .positional: return value
    case .flag: return names.joined(separator: ", ")
    case .option: return names.joined(separator: ", ") + " " + value
    }
  }
}
