import ArgumentParser

/// The commands for data sets.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Imports, exports, checks and shows data sets.",
    subcommands: [
      DataImportCommand.self, DataExportCommand.self, DataCheckCommand.self, DataPreview.self,
    ])
}
