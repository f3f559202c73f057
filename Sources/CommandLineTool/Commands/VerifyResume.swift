import ArgumentParser
import MiniCNN

/// Proves on a user's own model that a run which is killed and resumed is the run it continues.
struct VerifyResume: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-resume",
    abstract: "Kills a run again and again, resumes it, and compares it with one that ran through.",
    discussion: """
      EXAMPLES
        minicnn verify-resume --model Models/lenet5.yaml --data Datasets/mnist
        minicnn verify-resume --model my.yaml --data my-data --epochs 5 --kills 10
        minicnn verify-resume --model Models/mlp.yaml --data Datasets/mnist --json

      Trains the model twice from the same seed, in processes of their own and a temporary folder: \
      once to the end, and once with kill -9 at random steps, each time resumed on another number \
      of threads. Takes the settings of `train`, but trains for 2 epochs on 10,000 images unless \
      --epochs and --limit state others.

      Exit code 0 if weights, optimizer, history and best state have the same bits, 1 if not. JSON: steps, \
      seed, kills (the step each came at, and the step and threads it was resumed with), and \
      whether weights, state and best are the same.
      """)

  @OptionGroup var modelOption: ModelOption

  @OptionGroup var dataFlags: DataFlags

  @OptionGroup(title: "Settings") var flags: TrainingFlags

  @Option(help: "How often the run is killed.")
  var kills: Int = 3

  @OptionGroup var threadsOption: ThreadsOption

  @OptionGroup var jsonFlag: JSONFlag

  private var threads: Int? { threadsOption.threads }
  private var json: Bool { jsonFlag.json }

  func validate() throws {
    _ = try modelOption.requiredPath()
    guard (1...1000).contains(kills) else {
      throw ValidationError("--kills: expected 1 to 1000, found \(kills)")
    }
    guard dataFlags.paths != nil else {
      throw ValidationError("name the data with --data, or --images and --labels")
    }
  }

  func run() throws {
    Interruption.listen()
    let file = try ModelOption.read(try modelOption.requiredPath())
    let options = try flags.options().filled(from: file.training)
    let seed = options["seed"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<(1 << 53))
    var proof = try ResumeProof(
      training: arguments, seed: seed, threads: threads ?? ThreadPool.availableProcessors)
    let outcome = try proof.run(kills: kills) { line in
      if !json { Terminal.result(line) }
    }
    if json { try JSONOutput.print(outcome) }
    guard outcome.isSame else {
      throw Failure(.failed, "the resumed run is not the one it continues")
    }
    if !json {
      Terminal.result(
        "verified: killed \(outcome.kills.count) times, the run ends with the same bits")
    }
  }

  /// What both runs are started with, but for the seed.
  private var arguments: [String] {
    var arguments = modelOption.model.map { ["--model=\($0)"] } ?? []
    arguments += dataFlags.stated
    for (flag, value) in flags.stated where flag != "--seed" {
      arguments.append(value.map { "\(flag)=\($0)" } ?? flag)
    }
    for (flag, value) in [("--epochs", "2"), ("--limit", "10000")]
    where !flags.stated.contains(where: { $0.flag == flag }) {
      arguments.append("\(flag)=\(value)")
    }
    return arguments
  }
}
