import Foundation
import TestSupport
import Testing

@testable import CommandLineTool

/// What the shells complete, asked of the shells themselves.
@Suite struct CompletionTests {
  /// A folder with a file of each kind, one of them a model, and folders.
  private func place() throws -> TemporaryFolder {
    let place = try TemporaryFolder()
    let model = try Data(contentsOf: URL(fileURLWithPath: Repository.path("Models/lenet5.yaml")))
    try place.write("net.yaml", Array(model))
    for name in [
      "a.yml", "spaced model.yaml", "b.weights.h5", "c.onnx", "d.png", "e.JPG", "f.txt", "g.csv",
      "train-images-idx3-ubyte.gz", "mnemonic.txt", "digits.txt",
    ] {
      try place.write(name, [])
    }
    for name in ["dir", "my data"] {
      try FileManager.default.createDirectory(
        atPath: place(name), withIntermediateDirectories: true)
    }
    try place.write("dir/inner.yaml", [])
    try place.write("dir/inner.h5", [])
    return place
  }

  private static let folders = ["dir", "my data"]
  private static let yaml = ["a.yml", "net.yaml", "spaced model.yaml"] + folders
  private static let models = yaml + installed(.model)

  /// The names of what is installed, here of the repository.
  private static func installed(_ kinds: InstalledKind...) -> [String] {
    Set(kinds.flatMap { Installation.current.items($0) }.map(\.name)).sorted()
  }

  /// Unfinished lines, and all that may stand at their ends.
  private static let lines: [(line: String, words: [String])] = [
    ("ev", ["evaluate"]), ("da", ["data"]), ("generate", []),
    ("data ", ["check", "export", "import", "preview"]),
    ("lab ", ["activation", "flatten", "pooling", "regularization"]),
    ("help da", ["data"]), ("help data im", ["import"]), ("help data import ", []),
    ("train --mo", ["--model", "--momentum", "--monitor"]),
    ("train --model x --mo", ["--momentum", "--monitor"]),
    ("train --shuffle --no-shuf", []), ("train --no-pat", []),
    ("train --freeze a b --overw", ["--overwrite"]),
    ("train --threads 2 --threads", []),
    ("train --model ", models), ("train --model=", models), ("train --model=n", ["net.yaml"]),
    ("train --model dir/", ["inner.yaml"]), ("train --model=dir/", ["inner.yaml"]),
    ("train --model spaced\\ ", ["spaced model.yaml"]),
    ("train --resume ", ["b.weights.h5"] + folders),
    ("train --init=b", ["b.weights.h5"]), ("train --init=digits-f", ["digits-fast"]),
    ("train --data ", folders + installed(.data)), ("train --data mn", ["mnist"]),
    ("train --log ", folders),
    ("train --model lenet5 --freeze de", ["dense", "dense_1", "dense_2"]),
    ("train --images ", ["train-images-idx3-ubyte.gz"] + folders),
    ("train --model net.yaml --freeze d", ["dense", "dense_1", "dense_2"]),
    ("train --model net.yaml --freeze dense re", ["relu", "relu_1", "relu_2", "relu_3"]),
    ("train --optimizer ad", ["adagrad", "adam", "adamw"]),
    ("train --optimizer=ada", ["adagrad", "adam", "adamw"]),
    ("train --loss m", ["mae", "mse"]), ("train --monitor val_m", ["val_mae", "val_mse"]),
    ("train --schedule cos", ["cosine", "cosine_restarts"]),
    ("train --metrics mae,m", ["mae,mse"]),
    ("train --augmentation shift=2,ro", ["shift=2,rotation="]),
    ("train --augmentation rotation=2,ro", []),
    ("train --epochs ", []), ("layers max", ["max_pool2d"]), ("layers relu max", ["max_pool2d"]),
    ("evaluate ", ["b.weights.h5", "c.onnx"] + folders + installed(.weights)),
    ("evaluate --weights ", ["average", "last"]),
    ("compare b.weights.h5 ", ["b.weights.h5"] + folders + installed(.weights)),
    ("summary ", yaml + ["b.weights.h5", "c.onnx"] + installed(.model, .weights)), ("sweep ", yaml),
    ("sweep net.yaml --folder ", folders),
    ("predict b.weights.h5 ", ["d.png", "e.JPG"] + folders),
    ("predict b.weights.h5 e.JPG d", ["d.png", "dir"]),
    ("export b.weights.h5 x --format ", ["c", "checkpoint", "keras", "onnx", "safetensors"]),
    ("export b.weights.h5 x --quantize ", ["int8"]),
    ("data import ", ["g.csv"] + folders),
    ("data export dir x --format ", ["csv", "folders", "npz"]),
    ("data preview --output ", ["d.png"] + folders),
  ]

  /// The words as all shells show them: bash shows what stands behind the last = alone, the others all of a
  /// word, fish with the option before it; a folder may end with a slash, and a space may be quoted.
  private func normalized(
    _ offers: [CompletingShell.Offer], of line: String, by shell: CompletingShell
  ) -> [String] {
    let typed = line.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
    // Where nothing begins with what is typed, fish offers what has it further behind.
    let begun = offers.filter {
      shell != .fish || line.hasSuffix("\\ ") || $0.word.hasPrefix(typed)
    }
    let words = begun.map { offer in
      var word = offer.word.replacingOccurrences(of: "\\ ", with: " ")
      if typed.hasPrefix("--"), let equals = typed.firstIndex(of: "="),
        word.hasPrefix(typed[...equals])
      {
        word.removeFirst(typed[...equals].count)
      }
      if word.hasSuffix("/") { word.removeLast() }
      let folder = typed.hasSuffix("dir/") ? "dir/" : ""
      return word.hasPrefix(folder) ? String(word.dropFirst(folder.count)) : word
    }
    return Set(words).sorted()
  }

  @Test(arguments: CompletingShell.allCases)
  func filesWordsAndCommandsAreCompleted(shell: CompletingShell) throws {
    let place = try place()
    let answers = try shell.offers(Self.lines.map { "minicnn \($0.line)" }, in: place)
    #expect(answers.count == Self.lines.count)
    for ((line, words), offers) in zip(Self.lines, answers) {
      var expected = words
      // The part that it puts in.
      if shell == .bash, line.hasSuffix(",ro"), !words.isEmpty { expected = ["2,rotation="] }
      #expect(normalized(offers, of: line, by: shell) == expected.sorted(), "\(shell): \(line)")
    }
  }

  @Test(arguments: [CompletingShell.bash, .zsh])
  func aNameWithASpaceIsQuoted(shell: CompletingShell) throws {
    let lines = [
      "minicnn train --model sp\t", "minicnn train --model=sp\t",
      "minicnn train --optimizer=adag\t",
      "minicnn train --augmentation shift=2,rot\t",
      "minicnn train --model \"digits-f\t", "minicnn train --data mn\t",
    ]
    let offers = try shell.offers(lines, in: place()).map { $0.map(\.word) }
    #expect(
      offers.prefix(3) == [
        ["minicnn train --model spaced\\ model.yaml "],
        ["minicnn train --model=spaced\\ model.yaml "],
        ["minicnn train --optimizer=adagrad "],
      ])
    // A value follows at once.
    #expect(offers[3] == ["minicnn train --augmentation shift=2,rotation="])
    #expect(
      offers.suffix(2) == [
        ["minicnn train --model \"digits-fast\" "], ["minicnn train --data mnist "],
      ])
  }

  @Test func bashCompletionOfTheSystemChangesNothing() throws {
    let system = "/usr/share/bash-completion/bash_completion"
    try #require(FileManager.default.fileExists(atPath: system))
    let lines = Self.lines.map { "minicnn \($0.line)" }
    let place = try place()
    #expect(
      try CompletingShell.bash.offers(lines, in: place, after: system)
        == CompletingShell.bash.offers(lines, in: place))
  }

  /// Of every command, all that its help lists and nothing else; with the help, where a shell shows it.
  @Test(arguments: CompletingShell.allCases)
  func whatIsOfferedIsWhatHelpLists(shell: CompletingShell) throws {
    let helps = HelpItems.all
    #expect(helps.count > 25)
    let calls = helps.map { $0.words.joined(separator: " ") }
    let answers = try shell.offers(
      calls.map { $0 + " -" } + calls.map { $0 + " " }, in: TemporaryFolder())
    for (number, help) in helps.enumerated() {
      let about = shell == .bash ? { _ in "" } : { (text: String) in text }
      func sorted(_ offers: [CompletingShell.Offer]) -> [String] {
        Set(offers.map { "\($0.word): \($0.about)" }).sorted()
      }
      let options = help.options.map {
        CompletingShell.Offer(word: $0.option, about: about($0.help))
      }
      #expect(!options.isEmpty)
      #expect(sorted(answers[number]) == sorted(options), "\(shell): \(calls[number])")
      guard !help.commands.isEmpty else { continue }
      var commands = help.commands.map {
        CompletingShell.Offer(word: $0.label, about: about($0.text))
      }
      if number == 0 {
        commands.append(
          CompletingShell.Offer(word: "help", about: about("Shows the help of a command.")))
      }
      #expect(
        sorted(answers[helps.count + number]) == sorted(commands), "\(shell): \(calls[number])")
    }
  }

  @Test func anAnswerIsWordsBehindALineThatSaysWhichFiles() throws {
    func answer(_ words: String...) throws -> String {
      try Program("minicnn").run([CompletionScript.request] + words, in: "/").output
    }
    func lines(_ words: [String]) -> String { words.map { $0 + "\n" }.joined() }
    #expect(
      try answer("train", "--data", "") == lines(["folders"] + Self.installed(.data)))
    #expect(
      try answer("train", "--model", "")
        == lines(["files\t*.yaml\t*.yml"] + Self.installed(.model)))
    #expect(try answer("evaluate", "--weights=") == "none\n--weights=average\n--weights=last\n")
  }
}
