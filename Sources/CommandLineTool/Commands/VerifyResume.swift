import ArgumentParser
import MiniCNN

/// Proves on a user's own model that a run which is killed and resumed is the run it continues.
struct VerifyResume: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-resume",
    abstract:
      "Kills a run again and again, resumes it, and compares it with an uninterrupted one.",
    discussion: """
      EXAMPLES
        minicnn verify-resume --model lenet5 --data mnist
        minicnn verify-resume --model my.yaml --data DIR --epochs 5 --kills 10
        minicnn verify-resume --model my.yaml --data DIR --validation-data more
        minicnn verify-resume --model mlp --data mnist --json

      Trains the model twice from the same seed, in processes of their own and a temporary folder: \
      once to the end, and once with kill -9 at random steps, each time resumed on a different number \
      of threads. Takes the settings of `train`, but trains for 2 epochs on 10,000 images unless \
      --epochs and --limit state others.

      Exit code 0 if weights, optimizer, history and best state have the same bits, 1 if not. JSON: seed, \
      steps, kills (afterStep, resumedFromStep, threads: those it was resumed with), sameWeights, \
      sameState, sameBest (left out where there is no best state).
      """)

  @OptionGroup var modelOption: ModelOption

  @OptionGroup var dataFlags: DataFlags

  @OptionGroup var validationFlags: ValidationFlags

  @OptionGroup(title: "Settings") var flags: TrainingFlags

  @Option(help: "How often the run is killed.")
  var kills: Int = 3

  @OptionGroup var threadsOption: ThreadsOption

  @OptionGroup var jsonFlag: JSONFlag

  private var threads: Int? { threadsOption.threads }
  private var json: Bool { jsonFlag.json }

  func validate() throws {
    try modelOption.checkNamed()
    guard (1...1000).contains(kills) else {
      throw ValidationError("--kills: expected 1 to 1000, found \(kills)")
    }
    guard dataFlags.areStated else {
      throw ValidationError("name the data with --data, or --images and --labels")
    }
  }

  func run() throws {
    Interruption.listen()
    let model = try modelOption.requiredPath()
    let file = try ModelOption.read(model)
    let runs = ChildRuns()
    let proof = try ResumeProof(
      model: file.spec, data: DataPaths(try dataFlags.requiredPaths()),
      validation: try validationFlags.data, settings: try settings(file, at: model),
      threads: threads)
    let outcome: ResumeProof.Outcome
    do {
      outcome = try proof.run(breaks: kills, making: runs) { event in
        if !json { show(event) }
      }
    } catch is CancellationError {
      throw runs.stopCode
    }
    if json { try JSONOutput.print(ProofOutput(outcome)) } else { show(outcome) }
    guard outcome.isSame else {
      throw Failure(.failed, "the resumed run does not end as the uninterrupted one does")
    }
    if !json {
      let times = Format.count(outcome.breaks.count, "time")
      // Its last step is its end.
      let most =
        outcome.breaks.count < kills ? " (its \(outcome.steps) steps allow no more)" : ""
      Terminal.result("verified: killed \(times)\(most), the run ends with the same bits")
    }
  }

  /// The settings of both runs: shorter than the model file's unless flags say otherwise.
  private func settings(_ file: ModelFile, at model: String) throws -> TrainingSettings {
    var settings = try TrainingSettings(
      flags.options(), model: file.training, file: model,
      defaultSeed: UInt64.random(in: 0..<(1 << 53)),
      hasValidationSet: validationFlags.areStated)
    let stated = Set(flags.stated.map(\.flag))
    if !stated.contains("--epochs") { settings.epochs = 2 }
    if !stated.contains("--limit") { settings.limit = 10_000 }
    return settings
  }

  private func show(_ event: ResumeProof.Event) {
    switch event {
    case .ranThrough(let state, let seed, let threads):
      Terminal.result(
        "ran through on \(Format.count(threads, "thread")), seed \(seed): \(state.place)")
    case .abandoned(let place):
      Terminal.result(
        "killed after step \(place.afterStep), resumed from step \(place.resumedFromStep) on"
          + " \(Format.count(place.threads, "thread"))")
    case .run: break
    }
  }

  private func show(_ outcome: ResumeProof.Outcome) {
    func row(_ name: String, _ comparison: ResumeProof.Comparison) {
      Terminal.result(
        "\(Format.left(name, 44)) \(comparison.isSame ? "same" : "NOT THE SAME") "
          + " \(comparison.whole.prefix(12))")
    }
    row("weights", outcome.weights)
    row("weights, optimizer, settings and history", outcome.state)
    if let best = outcome.best { row("best state", best) }
  }
}

/// What `--json` prints.
private struct ProofOutput: Encodable {
  struct Kill: Encodable {
    let afterStep: Int
    let resumedFromStep: Int
    let threads: Int
  }

  let seed: UInt64
  let steps: Int
  let kills: [Kill]
  let sameWeights: Bool
  let sameState: Bool
  let sameBest: Bool?

  init(_ outcome: ResumeProof.Outcome) {
    (seed, steps) = (outcome.seed, outcome.steps)
    kills = outcome.breaks.map {
      Kill(afterStep: $0.afterStep, resumedFromStep: $0.resumedFromStep, threads: $0.threads)
    }
    (sameWeights, sameState) = (outcome.weights.isSame, outcome.state.isSame)
    sameBest = outcome.best?.isSame
  }
}
