import ArgumentParser
import MiniCNN

/// Lists the settings of training.
struct Settings: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the settings of training, with their values and defaults.",
    discussion: """
      EXAMPLES
        minicnn settings
        minicnn settings --json

      Each is a key of a model file's training: block and a flag of train, verify-resume, find-rate \
      and data preview: batch_size is --batch-size. A switch is --nesterov or --no-nesterov; \
      --no-patience and the like turn off what a model file states. A flag takes precedence over \
      the model file, and the model file over the default. An optimizer named by a flag discards \
      the learning rate, momentum, decay and the like that the model file states for another one.
      JSON: settings (key, flag, values, default, optimizers, help).


      """ + lines(columns: 78).map { "  \($0)" }.joined(separator: "\n"))

  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    if jsonFlag.json {
      return try JSONOutput.print(["settings": TrainingOptions.descriptions.map(Row.init)])
    }
    for line in Self.lines(columns: Terminal.resultColumns ?? 80) { Terminal.result(line) }
  }

  private static func lines(columns: Int) -> [String] {
    TrainingOptions.descriptions.flatMap { $0.lines(columns: columns) }
      + ["", "augmentation is none, or comma-separated key=value pairs of:"]
      + Augmentation.descriptions.flatMap { $0.lines(columns: columns) }
  }

  private struct Row: Encodable {
    let key: String
    let flag: String
    let values: String
    let `default`: String
    let optimizers: [String]
    let help: String

    init(_ about: SettingDescription) {
      key = about.key
      flag = about.flag
      values = about.values
      `default` = about.shortStandard
      optimizers = about.owners
      help = about.help
    }
  }
}
