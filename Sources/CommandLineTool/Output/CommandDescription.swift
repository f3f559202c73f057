import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A command as ArgumentParser describes it, which messages, completions and manual pages are made of.
struct CommandDescription: Decodable {
  let commandName: String
  let superCommands: [String]?
  let shouldDisplay: Bool
  let abstract: String?
  let discussion: String?
  private(set) var subcommands: [CommandDescription]?
  private(set) var arguments: [ArgumentDescription]?

  /// The tool with all commands; without any if the description cannot be read.
  static var tool: CommandDescription { decoded(Main.self) ?? CommandDescription() }

  /// A command with what it takes, and the names of its own commands: much quicker than ``tool``.
  ///
  /// - Parameter path: the tool, and the commands that lead to it.
  init(quickly path: [any ParsableCommand.Type]) {
    let type = path[path.count - 1]
    self.init(named: type, below: path.dropLast())
    let commands = type.configuration.subcommands
    subcommands = commands.map { CommandDescription(named: $0, below: path) }
    // All of them have the tool's help and version besides.
    let own = commands.isEmpty ? Self.decoded(type)?.arguments?.dropLast() : nil
    arguments = (own ?? []) + (Self.decoded(Bare.self)?.arguments ?? [])
  }

  /// A command by its name alone.
  private init(named type: any ParsableCommand.Type, below path: [any ParsableCommand.Type]) {
    let configuration = type.configuration
    commandName = type._commandName
    superCommands = path.isEmpty ? nil : path.map { $0._commandName }
    shouldDisplay = configuration.shouldDisplay
    (abstract, discussion) = (configuration.abstract, configuration.discussion)
    (subcommands, arguments) = (nil, nil)
  }

  private init() {
    (commandName, superCommands, shouldDisplay) = ("", nil, true)
    (abstract, discussion, subcommands, arguments) = (nil, nil, nil, nil)
  }

  private static func decoded(_ type: any ParsableCommand.Type) -> CommandDescription? {
    struct Tool: Decodable { let command: CommandDescription }
    return try? JSONDecoder().decode(Tool.self, from: Data(type._dumpHelp().utf8)).command
  }

  /// The tool without its commands.
  private struct Bare: ParsableCommand {
    static let configuration = CommandConfiguration(version: Main.configuration.version)
  }

  /// The words that call it: `minicnn data import`.
  var words: [String] { (superCommands ?? []) + [commandName] }

  /// Its commands, of which help tells.
  var shownCommands: [CommandDescription] { (subcommands ?? []).filter(\.shouldDisplay) }

  /// What it takes besides options, in order.
  var positionals: [ArgumentDescription] { shown.filter { $0.kind == .positional } }

  /// Its options and flags, of which help tells; the forms of one switch are one.
  var options: [[ArgumentDescription]] {
    var groups: [[ArgumentDescription]] = []
    for argument in shown where argument.kind != .positional {
      if let last = groups.last?[0], argument.isInversion(of: last) {
        groups[groups.count - 1].append(argument)
      } else {
        groups.append([argument])
      }
    }
    return groups
  }

  private var shown: [ArgumentDescription] { (arguments ?? []).filter(\.shouldDisplay) }
}

/// What a command takes: an argument, an option or a flag.
struct ArgumentDescription: Decodable {
  enum Kind: String, Decodable { case positional, option, flag }

  struct Name: Decodable {
    let kind: String
    let name: String
  }

  /// What a value may be, as far as completions know.
  enum Values: Decodable {
    case list(values: [String])
    case file(extensions: [String])
    case directory
    /// ArgumentParser has no kind for what a program looks up, so the text is a ``LookUp``.
    case shellCommand(command: String)
  }

  let kind: Kind
  let shouldDisplay: Bool
  let sectionTitle: String?
  let isOptional: Bool
  let isRepeating: Bool
  let parsingStrategy: String
  let names: [Name]?
  let valueName: String?
  let defaultValue: String?
  let allValues: [String]?
  let completionKind: Values?
  let abstract: String?

  /// The names as they are typed.
  var options: [String] {
    (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
  }

  /// Whether values follow until the next option.
  var takesSeveral: Bool { parsingStrategy == "upToNextOption" }

  /// What help says of it.
  var help: String {
    let notes = [
      allValues.map { "values: \($0.joined(separator: ", "))" },
      defaultValue.map { "default: \($0)" },
    ].compactMap(\.self)
    let note = notes.isEmpty ? nil : "(\(notes.joined(separator: "; ")))"
    return [abstract, note].compactMap(\.self).joined(separator: " ")
  }

  /// Whether it is `--no-x`, which switches `--x` off and has no help of its own.
  fileprivate func isInversion(of other: ArgumentDescription) -> Bool {
    guard kind == .flag, let name = names?.first?.name, let shown = other.names?.first?.name else {
      return false
    }
    return name == "no-\(shown)"
  }
}
