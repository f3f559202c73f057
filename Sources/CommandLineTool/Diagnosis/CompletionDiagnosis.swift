import ArgumentParser
import Files
import Platform

/// Which shells complete the tool's command lines.
struct CompletionDiagnosis {
  /// The folders that may have completions: `/usr/share` beside `/usr/bin`.
  let shares: [String]
  /// The variables of the environment.
  var variable: (String) -> String? = environmentVariable

  private static let files = [
    (shell: CompletionShell.bash, names: ["bash-completion/completions/minicnn"]),
    (.zsh, ["zsh/site-functions/_minicnn", "zsh/vendor-completions/_minicnn"]),
    (.fish, ["fish/vendor_completions.d/minicnn.fish"]),
  ]

  var finding: Finding {
    let there = shares.map { share in
      (
        share,
        shells: Self.files.filter { file in
          file.names.contains { WholeFile.exists("\(share)/\($0)") }
        }.map(\.shell)
      )
    }.filter { !$0.shells.isEmpty }
    let found = there.lazy.map { share, shells in
      (share, shells: shells.filter { folders(of: $0).contains(share) })
    }.first { !$0.shells.isEmpty }
    if let found {
      return Finding(
        "completion",
        "there for \(found.shells.map(\.rawValue).joined(separator: ", ")), below \(found.0)")
    }
    let shell = CompletionShell.autodetected() ?? .bash
    let script = "minicnn --generate-completion-script \(shell.rawValue)"
    return Finding(
      "completion", .missing,
      there.first.map { "there below \($0.0), where no shell looks for them" }
        ?? "no script for bash, zsh or fish lies where they look; a line in your shell's start file does it too",
      remedy: shell == .fish ? "\(script) | source" : "source <(\(script))")
  }

  /// Where a shell looks as Debian sets it up.
  private func folders(of shell: CompletionShell) -> [String] {
    let system = ["/usr/share", "/usr/local/share"]
    guard shell != .zsh else { return system }
    func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
    let own = value("XDG_DATA_HOME") ?? value("HOME").map { "\($0)/.local/share" }
    let stated = value("XDG_DATA_DIRS")?.split(separator: ":").map(String.init)
    return (own.map { [$0] } ?? []) + (stated ?? system)
  }
}
