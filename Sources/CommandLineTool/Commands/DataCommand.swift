import ArgumentParser

/// What has to do with data sets alone.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Looks at a data set.", subcommands: [DataPreview.self])
}
