import ArgumentParser
import MiniCNN
import Platform

/// Two runs of the same settings in a temporary folder: one goes through, one is killed on its way.
struct ResumeProof: ~Copyable {
  /// A kill and what came after it.
  struct Kill: Encodable {
    let afterStep: Int
    let resumedFromStep: Int
    let threads: Int
  }

  /// What the two runs have in common at their ends.
  struct Outcome: Encodable {
    let seed: UInt64
    let steps: Int
    let kills: [Kill]
    let sameWeights: Bool
    let sameState: Bool
    /// `nil` where no epoch is best, as nothing is set aside for validation.
    let sameBest: Bool?

    var isSame: Bool { sameWeights && sameState && sameBest != false }
  }

  private let training: [String]
  private let threads: Int
  private let seed: UInt64
  private let folder: TemporaryFolder
  private var random: CounterRandom

  init(training: [String], seed: UInt64, threads: Int) throws(FileError) {
    self.training = training
    self.threads = threads
    self.seed = seed
    folder = try TemporaryFolder()
    random = CounterRandom(seed: seed, .test)
  }

  mutating func run(kills: Int, _ say: (String) -> Void) throws -> Outcome {
    let whole = folder("whole.weights.h5"), killed = folder("killed.weights.h5")
    try finish(["train"] + training + ["--seed=\(seed)", "--checkpoint", whole], threads: threads)
    let end = try Checkpoint(contentsOf: whole)
    let steps = end.state.optimizer.step
    guard steps > 1 else {
      throw Failure(
        .usage, "a run of \(steps) step cannot be killed on its way; raise --epochs or --limit")
    }
    say("ran through on \(threads) threads, seed \(seed): \(end.state.place)")

    let list = try kill(killed, times: kills, of: end, say)
    let last = try Checkpoint(contentsOf: killed)
    let best = try bestStates(CheckpointFiles(whole).best, CheckpointFiles(killed).best)
    let outcome = Outcome(
      seed: seed, steps: steps, kills: list,
      sameWeights: end.state.network.weightsSHA256 == last.state.network.weightsSHA256,
      sameState: try end.stateSHA256() == last.stateSHA256(), sameBest: best.map { $0 == $1 })
    func row(_ name: String, _ isSame: Bool, _ digest: String) {
      say("\(Format.left(name, 44)) \(isSame ? "same" : "NOT THE SAME")  \(digest.prefix(12))")
    }
    row("weights", outcome.sameWeights, end.state.network.weightsSHA256)
    row("weights, optimizer, settings and history", outcome.sameState, try end.stateSHA256())
    if let best { row("best state", best.0 == best.1, best.0) }
    return outcome
  }

  /// Kills the run at random steps, each time behind those before, and resumes it.
  private mutating func kill(
    _ path: String, times: Int, of end: borrowing Checkpoint, _ say: (String) -> Void
  ) throws -> [Kill] {
    let steps = end.state.optimizer.step
    // States are saved a few times between two kills, so that runs are resumed inside epochs.
    let every = max(1, steps / (3 * (times + 1)))
    let saving = ["--checkpoint-every=\(every)"]
    var moments = Set<Int>()
    while moments.count < min(times, steps - 1) { moments.insert(1 + random.below(steps - 1)) }
    var kills: [Kill] = []
    var start = ["train"] + training + ["--seed=\(seed)", "--checkpoint", path]
    var place = 0
    var workers = threads
    for moment in moments.sorted() where moment > place {
      // A run counts its own steps.
      let status = try run(
        start + saving, threads: workers, crashAt: "step:\(moment - place)")
      guard status == 128 + SIGKILL else {
        throw try Child.failure(status, messages: folder("messages"))
      }
      workers = workers % 4 + 1
      if WholeFile.exists(path) {
        place = try Checkpoint(contentsOf: path).state.optimizer.step
        start = ["train", "--resume", path]
      }
      say("killed after step \(moment), resumed from step \(place) on \(workers) threads")
      kills.append(Kill(afterStep: moment, resumedFromStep: place, threads: workers))
    }
    try finish(start + saving, threads: workers)
    return kills
  }

  private func finish(_ arguments: [String], threads: Int) throws {
    let status = try run(arguments, threads: threads)
    guard status == 0 else { throw try Child.failure(status, messages: folder("messages")) }
  }

  private func run(_ arguments: [String], threads: Int, crashAt: String? = nil) throws -> Int32 {
    let status = try Child.run(
      arguments + ["--threads=\(threads)"], crashAt: crashAt, messages: folder("messages"))
    if let code = Interruption.exitCode { throw ExitCode(code) }
    return status
  }

  /// The digests of two best states; `nil` where neither is there.
  private func bestStates(_ first: String, _ second: String) throws -> (String, String)? {
    let digests = try [first, second].map { path in
      WholeFile.exists(path) ? try Checkpoint(contentsOf: path).stateSHA256() : "none"
    }
    return digests == ["none", "none"] ? nil : (digests[0], digests[1])
  }
}
