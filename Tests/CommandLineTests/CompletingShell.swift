import Foundation
import TestSupport

/// A shell that completes command lines, as for somebody who types them.
enum CompletingShell: String, CaseIterable {
  case bash, zsh, fish

  /// A word that a shell offers, and what it says of it.
  struct Offer: Equatable {
    let word: String
    let about: String
  }

  /// What it offers for each of some lines; a line that ends with a tab becomes the one offer.
  ///
  /// - Parameter other: a script that it reads first.
  func offers(
    _ lines: [String], in folder: TemporaryFolder, after other: String? = nil
  ) throws -> [[Offer]] {
    let tool = Program.path(of: "minicnn")
    let home = try TemporaryFolder()
    let script = try Program("minicnn").run(
      ["--generate-completion-script", rawValue], in: home.path)
    guard script.status == 0 else { throw ShellFault(description: script.errors) }
    try home.write("script", Array(script.output.utf8))
    try home.write("lines", Array(JSONEncoder().encode(lines)))
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let outcome = try Program(at: "/usr/bin/python3").run(
      [
        Repository.path("Tests/CommandLineTests/Shells/complete.py"), rawValue, home("script"),
        home("lines"),
      ] + (other.map { [$0] } ?? []), in: folder.path,
      environment: [
        "PATH": "\((tool as NSString).deletingLastPathComponent):\(path)", "HOME": home.path,
        "LC_ALL": "C.UTF-8",
      ])
    guard outcome.status == 0 else { throw ShellFault(description: outcome.errors) }
    let answers = try JSONDecoder().decode([[[String]]].self, from: Data(outcome.output.utf8))
    return answers.map { $0.map { Offer(word: $0[0], about: $0[1]) } }
  }
}

/// Why a shell did not answer.
struct ShellFault: Error, CustomStringConvertible {
  let description: String
}
