import ArgumentParser
import Files
import MiniCNN

/// A page about a run.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a page about a run: curves, mistakes, each class, settings, digests.",
    discussion: """
      EXAMPLES
        minicnn report digits-fast --data mnist -o report.html
        minicnn report lenet5.weights.h5

      The page is one file, which a browser opens from the disk and which asks for nothing else. Beside \
      it mistakes.csv lists every image that was taken for another class, as evaluate --json does. \
      The same checkpoint and data give the same bytes.

      Without --data, it uses the test images of the folder that the model was trained on.

      JSON: file, bytes, mistakes (the file), accuracy (0 to 1).
      """)

  @Argument(
    help: "The checkpoint, or the name of an installed one.", completion: .lookUp(.checkpoint))
  var file: String
  @OptionGroup var dataFlags: DataFlags
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The page to write.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output = "report.html"
  @Flag(help: "Replace the files if they are there.") var overwrite = false
  @OptionGroup var weightsFlag: WeightsFlag
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let file = try Installation.current.path(of: file, as: .weights)
    let checkpoint = try Checkpoint(contentsOf: file)
    let paths = try dataFlags.testPaths(for: checkpoint, in: file)
    let files = OutputFiles([output, mistakesFile])
    try files.check(overwrite: overwrite)
    let data = try LabelledData(paths: paths, split: .test)
    try data.check(checkpoint.network)
    var familiarity = Familiarity(data)
    familiarity.warn(of: checkpoint, file: file)
    let training = training(checkpoint, paths)
    let report = RunReport(
      checkpoint, file: file, network: try weightsFlag.network(of: checkpoint, file: file),
      on: data, training: training,
      command: RunCommand.text(of: checkpoint, data: training == nil ? nil : paths),
      mistakesFile: mistakesFile, threads: threadsOption.threads)
    let page = Array(try report.html().utf8)
    try files.write([page, Array(Mistake.csv(report.mistakes).utf8)])
    let evaluation = report.evaluation
    if jsonFlag.json {
      return try JSONOutput.print(
        ReportOutput(
          file: output, bytes: page.count, mistakes: mistakesFile,
          accuracy: evaluation.hasClasses ? evaluation.accuracy : nil))
    }
    let answer =
      evaluation.hasClasses
      ? "accuracy \(Format.accuracy(evaluation))" : "loss \(Format.fixed(evaluation.loss, 4))"
    Terminal.result("\(file): \(answer)")
    Terminal.result(
      "saved \(output) (\(Format.fixed(Double(page.count) / 1e6, 2)) MB) and \(mistakesFile)")
  }

  private var mistakesFile: String {
    let folder = output.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return (folder + ["mistakes.csv"]).joined(separator: "/")
  }

  /// The samples that the run trained on, where the data has them.
  private func training(_ checkpoint: Checkpoint, _ paths: [String]) -> LabelledData? {
    guard paths.count == 1, let data = try? LabelledData(paths: paths, split: .train) else {
      return nil
    }
    return data.sha256 == checkpoint.data?.sha256 ? data : nil
  }
}

/// What `--json` prints.
private struct ReportOutput: Encodable {
  let file: String
  let bytes: Int
  let mistakes: String
  let accuracy: Double?
}

/// The command line that gives a run again.
enum RunCommand {
  /// - Parameter data: where its training data is, as far as that is known; otherwise where the checkpoint
  ///   says that it was.
  static func text(of checkpoint: Checkpoint, data: [String]?) -> String {
    let settings = TrainingOptions(checkpoint.settings)
    // What the model file would give by itself need not be stated.
    let resolved =
      try? checkpoint.model.training.resolve(defaultSeed: 0)
    let model = resolved.map { TrainingOptions($0) } ?? TrainingOptions()
    var words = ["train", "--model", "\(checkpoint.model.spec.name).yaml"]
    let paths = data ?? checkpoint.data?.paths ?? []
    switch paths.count {
    case 1: words += ["--data", Shell.path(paths[0])]
    case 2: words += ["--images", Shell.path(paths[0]), "--labels", Shell.path(paths[1])]
    default: words += ["--data", "FOLDER"]
    }
    for about in TrainingOptions.descriptions where settings[about.key] != model[about.key] {
      words += about.words(settings[about.key])
    }
    return Shell.command(words)
  }
}
