import ArgumentParser
import MiniCNN
import Reports

/// The tool: `Commands` has a file for each command, `Options` what several of them take, `Output`
/// what a reader sees. Errors become one line and an exit code.
@main
struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "minicnn",
    abstract: "Trains small convolutional networks on MNIST-format files.",
    discussion: """
      EXAMPLES
        minicnn train --model lenet5 --data mnist
        minicnn evaluate lenet5.weights.h5 --data mnist
        minicnn train --resume lenet5.weights.h5 --epochs 10

      EXIT CODES
      \(block(ExitStatus.lines))

      ENVIRONMENT
      \(block(EnvironmentTable.lines(columns: 76)))

      With --json, results are printed for scripts: one object per line on standard output, in which \
      a number that is not finite is null. The shell completes commands, options and files after \
      `source <(minicnn --generate-completion-script bash)`; zsh and fish likewise.
      """,
    version: "minicnn \(LibraryVersion.current)",
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Summary.self, Inspect.self, Benchmark.self,
      VerifyResume.self, Compare.self, FindRate.self, Sweep.self, Export.self, Convert.self,
      Report.self,
      See.self,
      LabCommand.self, GradCheck.self, Settings.self, Layers.self,
      DataCommand.self, Doctor.self, GenerateManual.self,
    ])

  /// Lines that help leaves whole.
  private static func block(_ lines: [String]) -> String {
    lines.map { "  \($0)" }.joined(separator: "\n")
  }

  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      // The name of the tool is always one, where Swift finds any.
      guard !CommandLine.arguments.isEmpty else {
        throw Failure(
          .inputOutput,
          "cannot read the arguments, as /proc is not mounted: mount -t proc proc /proc")
      }
      if words.first == CompletionScript.request {
        CompletionScript.answer(Completion(Array(words.dropFirst()))).forEach(Terminal.result)
        return
      }
      if let script = CompletionScript.requested(by: words) { throw CleanExit.message(script) }
      var command = try parsed(words)
      try command.run()
      try Terminal.checkResults()
    } catch {
      RankJob.leave(Failure.report(error))
    }
  }

  /// The command that a command line asks for.
  private static func parsed(_ words: [String]) throws -> any ParsableCommand {
    // What is wrong with the words of all ranks, the first one says.
    if words.first == "train" { RankJob.silenceAllButFirst() }
    do {
      if UsageError.unknownCommand(in: words) != nil { throw ValidationError("no such command") }
      return try parseAsRoot(Words.prepared(words))
    } catch {
      guard exitCode(for: error) == .validationFailure else { throw error }
      let usage = UsageError(error, arguments: words)
      // Other ranks may be about to train: they are told.
      if words.first == "train" { RankJob.fail(usage) }
      throw usage
    }
  }
}

/// The words of a command line, before the parser sees them.
enum Words {
  /// Joins a negative number to the option before it, and refuses what the parser would take for
  /// several one-letter options: `-epochs` has an h in it, and would print the help.
  static func prepared(_ words: [String]) throws -> [String] {
    var prepared: [String] = []
    for (number, word) in words.enumerated() {
      if word == "--" { return prepared + words[number...] }
      if let last = prepared.last, last.hasPrefix("--"), !last.contains("="), word.hasPrefix("-"),
        Double(word) != nil
      {
        prepared[prepared.count - 1] = "\(last)=\(word)"
        continue
      }
      if word.hasPrefix("-"), !word.hasPrefix("--"), word.count > 2, Double(word) == nil {
        throw ValidationError("unknown option \(word)")
      }
      prepared.append(word)
    }
    return prepared
  }
}
