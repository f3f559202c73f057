import Files
import MiniCNN
import Platform

/// What is installed by name, and whether it can be read.
struct InstallationDiagnosis {
  private let installation: Installation

  init(_ installation: Installation) { self.installation = installation }

  var findings: [Finding] { home + [models, weights] + data + [completion.finding, folder] }

  /// What the variable names that comes before what is beside the program.
  private var home: [Finding] {
    let name = Installation.homeVariable
    guard let path = environmentVariable(name), !path.isEmpty else { return [] }
    guard WholeFile.exists("\(path)/Models") || WholeFile.exists("\(path)/Datasets") else {
      return [
        Finding(
          name, .missing,
          WholeFile.exists(path)
            ? "\(path) has neither Models nor Datasets" : "\(path): no such folder",
          remedy: "unset \(name)")
      ]
    }
    return [Finding(name, .note, "\(path) comes before what is installed")]
  }

  private var models: Finding { listed("models", .model) { _ = try ModelFile(contentsOf: $0) } }

  private var weights: Finding {
    listed("trained", .weights) { _ = try Checkpoint(contentsOf: $0) }
  }

  private func listed(
    _ subject: String, _ kind: InstalledKind, _ read: (String) throws -> Void
  ) -> Finding {
    let items = installation.items(kind)
    let broken = items.compactMap { item in
      problem { try read(item.path) }.map { (item: item, text: $0) }
    }
    guard broken.isEmpty else {
      return Finding(
        subject, .failed, broken.map(\.text).joined(separator: "; "),
        remedy: remedy(broken[0].item))
    }
    guard !items.isEmpty else {
      let places = installation.folders(kind)
      return Finding(
        subject, .missing,
        places.isEmpty
          ? "none, as this program lies neither in a bin nor in its checkout"
          : "none in \(places.joined(separator: ", "))",
        remedy: "make install, or \(Installation.homeVariable)=FOLDER")
    }
    return Finding(subject, items.map(\.name).joined(separator: ", "))
  }

  /// What mends something that cannot be read: installing it again, where it was installed and is not the user's.
  private func remedy(_ item: Installation.Item) -> String {
    if item.path.hasPrefix(Installation.systemData + "/"),
      let package = Installation.packages[item.name]
    {
      return "apt-get install --reinstall \(package)"
    }
    let isInstalled = installation.prefix.map { item.path.hasPrefix($0 + "/share/") } ?? false
    return isInstalled ? "install minicnn once more" : "replace or remove \(item.path)"
  }

  /// A finding for each data set that is there, and for those that a package would bring.
  private var data: [Finding] {
    let items = installation.items(.data)
    let known = Installation.packages.keys.sorted().filter { name in
      !items.contains { $0.name == name }
    }
    let found = items.map { item in
      let broken = problem { _ = try DataFolder(item.path).load(.test) }
      return Finding(
        "data", broken == nil ? .ok : .failed, broken ?? "\(item.name), \(item.path)",
        remedy: broken == nil ? nil : remedy(item))
    }
    return found
      + known.map { name in
        Finding(
          "data", .missing, "\(name), a data set of Debian",
          remedy: Installation.packages[name].map { "apt-get install \($0)" })
      }
  }

  private var completion: CompletionDiagnosis {
    CompletionDiagnosis(shares: installation.prefix.map { ["\($0)/share"] } ?? [])
  }

  private var folder: Finding {
    canWriteHere
      ? Finding("this folder", "can be written to")
      : Finding(
        "this folder", .note, "cannot be written to, so train needs --checkpoint FILE elsewhere")
  }

  /// Whether a file can be made here: rights alone do not say so of a read-only disk.
  private var canWriteHere: Bool {
    problem { try AtomicFile.verifyWritable(".minicnn-doctor") } == nil
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
