import ArgumentParser

/// How far a command line has got.
struct CommandLineState {
  /// The command that it names so far.
  private(set) var command = CommandDescription(quickly: [Main.self])
  private var path: [any ParsableCommand.Type] = [Main.self]
  /// Whether it asks for the help of a command.
  private(set) var asksForHelp = false
  /// The option whose value comes next, or may come.
  private(set) var pending: ArgumentDescription?
  /// The values that it has already.
  private(set) var valuesOfPending = 0
  /// The names of options and flags that are there.
  private(set) var stated: Set<String> = []
  /// The values of options, by name.
  private(set) var values: [String: String] = [:]
  /// The arguments that are there.
  private(set) var positionalCount = 0
  /// Whether `--` has ended the options.
  private(set) var isTerminated = false

  /// The argument that comes next.
  var positional: ArgumentDescription? {
    let all = command.positionals
    if positionalCount < all.count { return all[positionalCount] }
    return all.last.flatMap { $0.isRepeating ? $0 : nil }
  }

  /// Takes a word that is finished.
  mutating func read(_ word: String) {
    if let option = pending {
      if valuesOfPending == 0 || !word.hasPrefix("-") {
        for name in option.options { values[name] = word }
        valuesOfPending += 1
        if !option.takesSeveral { pending = nil }
        return
      }
      pending = nil
    }
    if word == "--", !isTerminated {
      isTerminated = true
    } else if !isTerminated, word.hasPrefix("-"), word.count > 1 {
      readOption(word)
    } else if positionalCount == 0, !isTerminated, path.count == 1, !asksForHelp, word == "help" {
      // The words after it name the command that it is asked of.
      asksForHelp = true
    } else if positionalCount == 0, !isTerminated,
      let next = path[path.count - 1].configuration.subcommands
        .first(where: { $0._commandName == word })
    {
      path.append(next)
      command = CommandDescription(quickly: path)
    } else {
      positionalCount += 1
    }
  }

  private mutating func readOption(_ word: String) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let argument = command.argument(called: parts[0]) else { return }
    stated.formUnion(argument.options)
    guard argument.kind == .option else { return }
    if parts.count == 2 {
      for name in argument.options { values[name] = String(parts[1]) }
    } else {
      (pending, valuesOfPending) = (argument, 0)
    }
  }
}
