import Foundation
import NeuralNetwork
import TestSupport
import Testing

@testable import CommandLineTool

/// What the tool says of its own command line.
@Suite struct UsageTests {
  @Test(arguments: [
    ("train --modle x", "unknown option --modle; did you mean --model?", "train"),
    ("train --modle=x --data y", "unknown option --modle; did you mean --model?", "train"),
    ("train -model x", "unknown option -model; did you mean --model?", "train"),
    ("train --threads 99 --qwertz", "unknown option --qwertz", "train"),
    ("find-rate --step 9", "unknown option --step; did you mean --steps?", "find-rate"),
    ("evaluate -x", "unknown option -x", "evaluate"),
    ("data preview --row 3", "unknown option --row; did you mean --rows?", "data preview"),
    ("trian --model x", "unknown command trian; did you mean train?", ""),
    ("help --foo", "unknown option --foo", ""), ("help foo", "unknown command foo", ""),
    ("help trian", "unknown command trian; did you mean train?", ""),
    ("help data prveiw", "unknown command prveiw; did you mean preview?", "data"),
    ("help data preview --foo", "unknown option --foo", "data preview"),
    (
      "--generate-completion-script tcsh",
      "can't generate completion scripts for tcsh. Please use --generate-completion-script=<shell> with one of: zsh bash fish",
      ""
    ),
    ("data prveiw", "unknown command prveiw; did you mean preview?", "data"),
    ("--versoin", "unknown option --versoin; did you mean --version?", ""),
    ("train", "name a model with --model, or a run to continue with --resume", "train"),
    ("benchmark", "name a model with --model", "benchmark"),
    ("find-rate --data x", "name a model with --model", "find-rate"),
    ("verify-resume --data x", "name a model with --model", "verify-resume"),
    ("evaluate", "missing <file>", "evaluate"),
    (
      "predict a.h5",
      "name pictures after the checkpoint, or a file of images with --images", "predict"
    ),
    ("train --model", "missing value for --model <file>", "train"),
    ("train --model a b", "unexpected argument b", "train"),
    ("train --model a --threads 1025", "--threads: expected 1 to 1024, found 1025", "train"),
    ("sweep a.yaml --jobs 0", "--jobs: expected 1 to 256, found 0", "sweep"),
    ("sweep a.yaml --folds 1", "--folds: expected 2 to 1000, found 1", "sweep"),
    ("sweep a.yaml --part 3/2", "--part: expected <number/count>, found 3/2", "sweep"),
    (
      "sweep a.yaml --part 1/2 --merge", "--merge joins all parts; use it or --part, not both",
      "sweep"
    ),
    ("sweep a.yaml --threads 0", "--threads: expected 1 to 1024, found 0", "sweep"),
    ("train --model a --keep x", "--keep: cannot read \"x\"", "train"),
    ("evaluate a.h5 --weights best", "--weights: expected average or last, found best", "evaluate"),
    (
      "evaluate a.h5 --data a --images b",
      "--data names all files; use it or --images with --labels, not both", "evaluate"
    ),
    ("evaluate a.h5 --images b", "--images and --labels go together", "evaluate"),
  ])
  func whatIsWrongWithACommandIsSaidInOneLine(
    command: String, line: String, help: String
  ) throws {
    let outcome = try Program("minicnn").run(
      command.split(separator: " ").map(String.init), in: "/")
    #expect(outcome.status == 64)
    #expect(
      outcome.errors == "error: \(line)\nsee: minicnn help\(help.isEmpty ? "" : " ")\(help)\n")
    #expect(outcome.output == "")
  }

  private func help(_ words: String..., columns: String? = nil) throws -> String {
    let outcome = try Program("minicnn").run(
      words, in: "/", environment: columns.map { ["COLUMNS": $0] } ?? [:])
    #expect(outcome.status == 0 && outcome.errors == "")
    return outcome.output
  }

  @Test func everyHelpKeepsExamplesWholeAndOtherLinesInTheirWidth() throws {
    let listed = try #require(try help("help").components(separatedBy: "SUBCOMMANDS:\n").last)
    let commands = listed.split(separator: "\n").prefix { !$0.hasPrefix("  See") }
      .filter { !$0.hasPrefix("   ") }.compactMap { $0.split(separator: " ").first }
    let shown = Main.configuration.subcommands.count { $0.configuration.shouldDisplay }
    #expect(commands.count == shown && commands.first == "train")
    for command in commands.map(String.init) {
      for columns in [nil, "100", "300", "40"] {
        let width = min(columns.flatMap { Int($0) } ?? 80, 100)
        let lines = try help("help", command, columns: columns).split(separator: "\n")
        // On narrow terminals what is indented stays one line.
        let broken = lines.filter { $0.count > width && !($0.hasPrefix("  ") && width == 40) }
        #expect(broken == [], "\(command)")
      }
    }
    let example = "  minicnn find-rate --model mlp --data mnist --optimizer sgd"
    #expect(try help("help", "find-rate").split(separator: "\n").contains { $0 == example })
    #expect(try help("find-rate", "-h") == help("help", "find-rate"))
  }

  @Test func settingsStandAfterWhatEveryRunNeeds() throws {
    let text = try help("help", "train")
    let places = [
      "\nOPTIONS:\n  --model <file>", "\n  --resume <file>", "\n  --data <folder>",
      "\n  --json", "\n  -h, --help", "\n\nSETTINGS:\n  --optimizer",
    ].map { text.range(of: $0)?.lowerBound }
    #expect(!places.contains(nil))
    #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    #expect(
      text.contains(
        "Keep this many states from before the last save.\n                          (default: 0)\n"
      ))
  }

  @Test func onNarrowTerminalsHelpStandsBelowTheNames() throws {
    let text = try help("help", "summary", columns: "40")
    #expect(
      text.contains("\n  --json\n      Print JSON for scripts, one object\n      per line.\n"))
    #expect(try help("--version") == "minicnn \(LibraryVersion.current)\n")
  }
}
