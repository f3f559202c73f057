/// What may stand at the end of an unfinished command line.
///
/// The scripts of the shells ask for it, so that all of them complete the same.
struct Completion {
  /// A word that may stand there.
  struct Candidate: Equatable {
    let word: String
    var about = ""
  }

  /// The files that may stand there; folders lead to them.
  enum Files: Equatable {
    case none
    case folders
    /// Those that match one of some patterns, in which `*` stands for any letters.
    case matching([String])
  }

  private(set) var candidates: [Candidate] = []
  private(set) var files = Files.none
  /// What stands before the file or word in the last word: `--model=`.
  private var start = ""

  /// - Parameter words: those after the tool's name; the last one is unfinished and may be empty.
  init(_ words: [String]) {
    var line = CommandLineState()
    for word in words.dropLast() { line.read(word) }
    complete(words.last ?? "", line)
  }

  private mutating func complete(_ word: String, _ line: CommandLineState) {
    let command = line.command
    if line.asksForHelp { return addCommands(of: command) }
    if let option = line.pending {
      if line.valuesOfPending > 0, word.hasPrefix("-") { return add(optionsOf: line) }
      return add(valuesOf: option, typed: word, line)
    }
    if !line.isTerminated, word.hasPrefix("-") {
      guard let equals = word.firstIndex(of: "="),
        let option = command.argument(called: word[..<equals])
      else { return add(optionsOf: line) }
      start = String(word[...equals])
      return add(valuesOf: option, typed: String(word[equals...].dropFirst()), line)
    }
    if let argument = line.positional {
      add(valuesOf: argument, typed: word, line)
    } else if line.positionalCount == 0, !command.shownCommands.isEmpty {
      addCommands(of: command)
      if command.superCommands == nil {
        candidates.append(Candidate(word: "help", about: "Shows the help of a command."))
      }
    } else if word.isEmpty, !line.isTerminated {
      add(optionsOf: line)
    }
  }

  private mutating func addCommands(of command: CommandDescription) {
    candidates += command.shownCommands.map {
      Candidate(word: $0.commandName, about: $0.abstract ?? "")
    }
  }

  /// The options that are not there yet; a switch that is there is neither on nor off once more.
  private mutating func add(optionsOf line: CommandLineState) {
    for group in line.command.options {
      let names = group.flatMap(\.options)
      guard group[0].isRepeating || line.stated.isDisjoint(with: names) else { continue }
      candidates += names.map { Candidate(word: $0, about: group[0].help) }
    }
  }

  private mutating func add(
    valuesOf argument: ArgumentDescription, typed: String, _ line: CommandLineState
  ) {
    switch argument.completionKind {
    case nil: break
    case .list(let values):
      candidates = values.map { Candidate(word: start + $0) }
    case .directory: files = .folders
    case .file(let endings):
      files = .matching(endings.isEmpty ? ["*"] : endings.map { $0.contains("*") ? $0 : "*.\($0)" })
    case .shellCommand(let text):
      guard let lookUp = LookUp(rawValue: text) else { break }
      let found = lookUp.found(typed: typed, on: line)
      candidates = found.candidates.map { Candidate(word: start + $0.word, about: $0.about) }
      files = found.files
    }
  }
}

extension CommandDescription {
  /// The option or flag of a name.
  func argument(called name: some StringProtocol) -> ArgumentDescription? {
    (arguments ?? []).first { $0.options.contains { $0 == name } }
  }
}
