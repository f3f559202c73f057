import ArgumentParser

/// The commands that concern data sets alone.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Shows what is in a data set.", subcommands: [DataPreview.self])
}
