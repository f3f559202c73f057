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
      """)

  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    if json {
      return try JSONOutput.print(["settings": TrainingOptions.descriptions.map(Row.init)])
    }
    for about in TrainingOptions.descriptions {
      let owners = about.owners.isEmpty ? "" : ", for \(about.owners.joined(separator: ", "))"
      Terminal.result(
        "\(Format.left(about.key, 20)) \(about.values), default \(about.shortStandard)\(owners)")
      Terminal.result("    \(about.help)")
    }
    Terminal.result("")
    Terminal.result("augmentation is none, or comma-separated key=value pairs of:")
    for about in Augmentation.descriptions {
      Terminal.result(
        "\(Format.left(about.key, 20)) \(about.values), default \(about.shortStandard)")
      Terminal.result("    \(about.help)")
    }
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
