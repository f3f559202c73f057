import ArgumentParser
import MiniCNN
import Reports

/// Experiments that show what the parts of a network do.
struct LabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "Answers by experiment what pooling, activations and regularization do.",
    discussion: """
      EXAMPLES
        minicnn lab pooling --data mnist -o pooling.svg
        minicnn lab activation --data mnist --seed 7
        minicnn lab flatten --data mnist --json
        minicnn lab regularization --data mnist

      Each trains several small networks, which takes about a minute, prints a table and what came \
      out in three sentences, and draws a picture of it. The same seed gives the same numbers, on \
      any number of threads.
      """,
    subcommands: [
      LabPooling.self, LabActivation.self, LabFlatten.self, LabRegularization.self,
    ])
}

/// What all experiments take.
struct LabOptions: ParsableArguments {
  @OptionGroup var dataFlags: LabDataFlags
  @Option(help: "Decides the first weights, the order of the images and whatever else is random.")
  var seed: UInt64 = 1
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Draw a picture (SVG).", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var output: String?
  @Flag(help: "Replace an existing file.") var overwrite = false
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  /// Runs an experiment and prints what it found.
  func run(_ experiment: some Experiment, named name: String) throws {
    try OutputFiles(output.map { [$0] } ?? []).check(overwrite: overwrite)
    var experiment = experiment
    experiment.seed = seed
    let data = try LabData(try dataFlags.folder)
    let outcome = try experiment.run(on: data, threads: threadsOption.threads) {
      Terminal.message($0)
    }
    if let output { try outcome.chart.save(to: output) }
    if jsonFlag.json {
      return try JSONOutput.print(
        LabOutput(
          experiment: name, picture: output, conclusions: outcome.conclusions, outcome: outcome))
    }
    for table in outcome.tables {
      Table(table).print()
      Terminal.result("")
    }
    for line in outcome.conclusions.flatMap({ Format.wrapped($0, to: columns) }) {
      Terminal.result(line)
    }
    if let output { Terminal.result("saved \(output)") }
  }

  private var columns: Int { Terminal.resultColumns ?? .max }
}

/// The data of an experiment: a folder, as it needs both parts.
struct LabDataFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder with the four files of a data set, gzipped or not, or the name of an installed one.",
      valueName: "folder"),
    completion: .lookUp(.data))
  var data: String

  /// The folder that was named.
  var folder: DataFolder {
    get throws { DataFolder(try Installation.current.path(of: data, as: .data)) }
  }
}

extension Table {
  /// A table of an experiment.
  fileprivate init(_ table: LabTable) {
    self.init(
      table.columns.enumerated().map { number, title in
        number < table.names ? .text(title) : .number(title)
      })
    for row in table.rows { add(row) }
  }
}

/// What `--json` prints.
private struct LabOutput<Outcome: ExperimentOutcome>: Encodable {
  let experiment: String
  let picture: String?
  let conclusions: [String]
  let outcome: Outcome
}

/// Accuracy against shift, by pooling.
struct LabPooling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pooling",
    abstract: "Measures accuracy on shifted digits by window, stride and kind of pooling.",
    discussion: """
      EXAMPLES
        minicnn lab pooling --data mnist
        minicnn lab pooling --data mnist -o pooling.svg --seed 3

      Trains a small network for each window (2 and 3), stride (1, 2 and 3) and kind: max pooling, \
      average pooling, or a convolution with that kernel and stride. Then test images are moved by \
      0 to 4 pixels in eight directions; the accuracy is the mean of these.

      JSON: experiment, picture, conclusions, outcome (seed, trainingImages, testImages, shifts, \
      nets (kind, window, stride, parameters, accuracy)).
      """)
  @OptionGroup var options: LabOptions

  func run() throws { try options.run(PoolingExperiment(), named: "pooling") }
}

/// The gradient's way through depth, by activation.
struct LabActivation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activation",
    abstract: "Follows the gradient through a deep network by activation.",
    discussion: """
      EXAMPLES
        minicnn lab activation --data mnist
        minicnn lab activation --data mnist -o activation.svg --json

      Trains eight convolutions, each with an activation behind it: ReLU, leaky ReLU (slope 0.1), \
      sigmoid or tanh. Before and after training 1,000 test images pass through: the norm of the \
      loss's gradient by each layer's output (root mean square), the units that are stuck (a slope \
      below 0.01 for every image: dead ReLUs, saturated sigmoids) and the share of all outputs that \
      are flat (such a slope).

      JSON: experiment, picture, conclusions, outcome (seed, trainingImages, testImages, \
      surveyedImages, nets (activation, trainingAccuracy, testAccuracy, layers (gradientAtStart, \
      gradient, units, stuckUnitsAtStart, stuckUnits, flatShareAtStart, flatShare))).
      """)
  @OptionGroup var options: LabOptions

  func run() throws { try options.run(ActivationExperiment(), named: "activation") }
}

/// Flattening against pooling.
struct LabFlatten: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flatten",
    abstract: "Compares flattening with global pooling by parameters, accuracy and gap.",
    discussion: """
      EXAMPLES
        minicnn lab flatten --data mnist
        minicnn lab flatten --data mnist -o flatten.svg

      Trains a network of three convolutions with four endings. The gap is how much better it does \
      on the images it learnt from than on test images.

      JSON: experiment, picture, conclusions, outcome (seed, trainingImages, testImages, nets (name, \
      parameters, trainingAccuracy, testAccuracy, course: by epoch)).
      """)
  @OptionGroup var options: LabOptions

  func run() throws { try options.run(FlattenExperiment(), named: "flatten") }
}

/// What helps where images are few.
struct LabRegularization: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regularization",
    abstract: "Compares ways to learn from 1,000 digits without learning them by heart.",
    discussion: """
      EXAMPLES
        minicnn lab regularization --data mnist
        minicnn lab regularization --data mnist -o regularization.svg

      Trains a network on 1,000 images without regularization, with dropout (0.5), weight decay \
      (AdamW, 0.1), augmentation (shift=2,rotation=10) and early stopping (a fifth of the images \
      set aside, patience 3): three networks each, of the seed and the two after it. The gap is how \
      much better they do on the images they had than on test images.

      JSON: experiment, picture, conclusions, outcome (seed, trainingImages, testImages, ways (name, \
      trainingAccuracy, testAccuracy and epochs of each network, course: by epoch)).
      """)
  @OptionGroup var options: LabOptions

  func run() throws { try options.run(RegularizationExperiment(), named: "regularization") }
}
