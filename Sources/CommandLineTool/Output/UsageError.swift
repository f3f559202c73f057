import Files
import ArgumentParser
import MiniCNN

/// What is wrong with a command line: one line, and one that names the help to read.
struct UsageError: Error, CustomStringConvertible {
  /// What is wrong.
  let message: String
  /// The help to read: `minicnn help train`.
  let help: String

  var description: String { message }

  /// Words an error of ArgumentParser as all errors of this tool are worded.
  ///
  /// An unknown name is reported before anything else: ArgumentParser would first report the option
  /// that was meant as missing.
  init(_ error: any Error, arguments: [String]) {
    let (command, names, rest) = Self.parted(arguments)
    help = (["minicnn help"] + names).joined(separator: " ")
    message =
      command.unknownCommand(rest) ?? command.unknownOption(rest)
      ?? Self.reworded(Main.message(for: error), command)
  }

  /// The message where the command line asks for the help of a command that there is not, for which
  /// ArgumentParser gives that of the tool.
  static func unknownCommand(in arguments: [String]) -> String? {
    guard arguments.first == "help" else { return nil }
    let (command, _, rest) = parted(arguments)
    return command.unknownCommand(rest)
  }

  /// The command that a command line names, the words that name it, and those after them.
  private static func parted(
    _ arguments: [String]
  ) -> (command: CommandDescription, names: [String], rest: ArraySlice<String>) {
    var command = CommandDescription.tool
    var rest = arguments[...]
    var names: [String] = []
    // An error in `help train` is one about train.
    if rest.first == "help" { rest.removeFirst() }
    while let next = rest.first,
      let child = command.subcommands?.first(where: { $0.commandName == next })
    {
      command = child
      names.append(next)
      rest.removeFirst()
    }
    return (command, names, rest)
  }

  private static func reworded(_ text: String, _ command: CommandDescription) -> String {
    // The value 'x' is invalid for '--name <value>'…
    let parts = text.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
    if parts.count > 4, parts[0] == "The value ", parts[2] == " is invalid for ",
      !parts[3].isEmpty
    {
      let words = parts[3].split(separator: " ").map(String.init)
      let values = command.arguments?.first { $0.options.contains(words[0]) }?.allValues ?? []
      var expected = values.joined(separator: " or ")
      // <epochs> says no more than --epochs.
      if values.isEmpty, words.count > 1, words[1] != "<\(words[0].drop { $0 == "-" })>" {
        expected = words[1]
      }
      return expected.isEmpty
        ? "\(words[0]): cannot read \(parts[1].debugDescription)"
        : "\(words[0]): expected \(expected), found \(parts[1])".onOneLine
    }
    var line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      .replacing("Missing expected argument", with: "missing")
    if line.hasSuffix(".") { line.removeLast() }
    return line.unquoted.lowercasedFirst.onOneLine
  }
}

extension CommandDescription {
  /// ArgumentParser's own options that the description leaves out.
  private static let silent = [
    "--help-hidden", "--generate-completion-script", "--experimental-dump-help",
  ]

  /// The message where the first word should be a command and is none.
  fileprivate func unknownCommand(_ words: ArraySlice<String>) -> String? {
    guard subcommands != nil, let word = words.first, !word.hasPrefix("-") else { return nil }
    let known = shownCommands.map(\.commandName)
    return "unknown command \(word)".withHint(known.closestWord(to: word)).onOneLine
  }

  /// The message where a word looks like an option and is none.
  fileprivate func unknownOption(_ words: ArraySlice<String>) -> String? {
    let known = (arguments ?? []).flatMap(\.options) + Self.silent
    let long = known.filter { $0.hasPrefix("--") }
    for word in words.prefix(while: { $0 != "--" }) {
      let letters = word.drop { $0 == "-" }
      // A number that begins with a minus sign is a value.
      guard word.hasPrefix("-"), let first = letters.first, first.isLetter else { continue }
      let name = String(word.prefix { $0 != "=" })
      guard !known.contains(name) else { continue }
      return "unknown option \(name)".withHint(long.closestWord(to: name)).onOneLine
    }
    return nil
  }
}

extension String {
  fileprivate func withHint(_ word: String?) -> String {
    word.map { "\(self); did you mean \($0)?" } ?? self
  }

  /// The text without quotation marks; apostrophes stay.
  fileprivate var unquoted: String {
    let characters = Array(self)
    func isLetter(_ place: Int) -> Bool {
      characters.indices.contains(place) && characters[place].isLetter
    }
    return String(
      characters.indices.filter {
        characters[$0] != "'" || isLetter($0 - 1) && isLetter($0 + 1)
      }.map { characters[$0] })
  }

  fileprivate var lowercasedFirst: String {
    prefix(1).lowercased() + dropFirst()
  }
}
