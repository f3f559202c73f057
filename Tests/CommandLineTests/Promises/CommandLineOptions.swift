import Foundation
import TestSupport

/// The commands of the tool and their options, as the parser itself lists them.
enum CommandLineOptions {
  private struct Dump: Decodable {
    let command: Command
  }

  private struct Command: Decodable {
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?
  }

  private struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    let names: [Name]?
    let valueName: String?
  }

  /// A line for each option, flag and argument of each command: `train --epochs <epochs>`.
  static func lines() throws -> [String] {
    var lines: [String] = []
    try visit { command, arguments in
      lines.append(command)
      for argument in arguments {
        let value = argument.valueName ?? ""
        switch argument.kind {
        case "positional": lines.append("\(command) <\(value)>")
        case "option": lines += spellings(argument).map { "\(command) \($0) <value>" }
        default: lines += spellings(argument).map { "\(command) \($0)" }
        }
      }
    }
    return lines
  }

  /// The commands that have an option.
  static func commands(with option: String) throws -> [String] {
    var found: [String] = []
    try visit { command, arguments in
      if arguments.contains(where: { spellings($0).contains(option) }) { found.append(command) }
    }
    return found
  }

  private static func spellings(_ argument: Argument) -> [String] {
    (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
  }

  private static func visit(_ body: (_ command: String, [Argument]) -> Void) throws {
    let text = try Program("minicnn").run(["--experimental-dump-help"], in: "/").output
    let root = try JSONDecoder().decode(Dump.self, from: Data(text.utf8)).command
    func visit(_ command: Command, _ name: String) {
      body(name, command.arguments ?? [])
      for inner in command.subcommands ?? [] where inner.commandName != "help" {
        visit(inner, name == "minicnn" ? inner.commandName : "\(name) \(inner.commandName)")
      }
    }
    visit(root, "minicnn")
  }
}
