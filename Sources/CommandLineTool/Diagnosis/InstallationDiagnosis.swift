import Files
import MiniCNN
import Platform

/// What is installed by name, and whether it can be read.
struct InstallationDiagnosis {
  private let installation: Installation

  init(_ installation: Installation) { self.installation = installation }

  var findings: [Finding] { [models, weights] + data + [completions, folder] }

  private var models: Finding {
    let broken = installation.items(.model).compactMap { item in
      problem { _ = try ModelFile(contentsOf: item.path) }
    }
    return listed("models", .model, broken)
  }

  private var weights: Finding {
    let broken = installation.items(.weights).compactMap { item in
      problem { _ = try Checkpoint(contentsOf: item.path) }
    }
    return listed("trained", .weights, broken)
  }

  private func listed(_ subject: String, _ kind: InstalledKind, _ broken: [String]) -> Finding {
    let names = installation.items(kind).map(\.name)
    let remedy = "make install, or \(Installation.homeVariable)=FOLDER"
    guard broken.isEmpty else {
      return Finding(subject, .failed, broken.joined(separator: "; "), remedy: remedy)
    }
    guard !names.isEmpty else {
      let places = installation.folders(kind)
      return Finding(
        subject, .missing,
        places.isEmpty
          ? "none, as this program lies neither in a bin nor in its checkout"
          : "none in \(places.joined(separator: ", "))", remedy: remedy)
    }
    return Finding(subject, names.joined(separator: ", "))
  }

  /// A finding for each data set that is there, and for those that a package would bring.
  private var data: [Finding] {
    let items = installation.items(.data)
    let known = Installation.packages.keys.sorted().filter { name in
      !items.contains { $0.name == name }
    }
    let found = items.map { item in
      let broken = problem { _ = try DataFolder(item.path).load(.test) }
      return Finding("data", broken == nil ? .ok : .failed, broken ?? "\(item.name), \(item.path)")
    }
    return found
      + known.map { name in
        Finding(
          "data", .missing, "\(name), a data set of Debian",
          remedy: Installation.packages[name].map { "apt-get install \($0)" })
      }
  }

  private var completions: Finding {
    let shares = installation.homes.compactMap { home in
      home.hasSuffix("/minicnn") ? String(home.dropLast("/minicnn".count)) : nil
    }
    let files = [
      ("bash", ["bash-completion/completions/minicnn"]),
      ("zsh", ["zsh/site-functions/_minicnn", "zsh/vendor-completions/_minicnn"]),
      ("fish", ["fish/vendor_completions.d/minicnn.fish"]),
    ]
    let found = shares.lazy.map { share in
      (
        share,
        shells: files.filter { $0.1.contains { WholeFile.exists("\(share)/\($0)") } }.map(\.0)
      )
    }.first { !$0.shells.isEmpty }
    guard let found else {
      return Finding(
        "completion", .missing, "no shell has been told the commands and options",
        remedy: "source <(minicnn --generate-completion-script bash)")
    }
    return Finding(
      "completion", "there for \(found.shells.joined(separator: ", ")), below \(found.0)")
  }

  private var folder: Finding {
    access(".", W_OK) == 0
      ? Finding("this folder", "can be written to")
      : Finding(
        "this folder", .note, "cannot be written to, so train needs --checkpoint FILE elsewhere")
  }

  /// What is wrong where something cannot be read.
  private func problem(_ read: () throws -> Void) -> String? {
    do {
      try read()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
