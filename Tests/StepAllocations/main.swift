import CAllocationCount
import MiniCNN
import TestSupport

// Trains a model of a file on a folder's data and prints how often each of the steps 11 to 30 asked the
// heap for memory, or "not counted". Arguments: the model file, the folder, and the number of ranks, which
// are threads here: one of two threads, or more of one, which divide their updates as those of a run do, and put
// the optimizer's memory together with every fourth step. The steps before make what is made once, such as the
// memory of threads.
let model = try ModelFile(contentsOf: CommandLine.arguments[1])
let data = try DataFolder(CommandLine.arguments[2]).load(.train)
let ranks = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) ?? 1 : 1
var settings = try model.training.resolve(defaultSeed: 1)
settings.seed = 1

/// The counts of all ranks after each step of the first.
func counts(_ settings: TrainingSettings, ranks: any Ranks, threads: Int) throws -> [UInt64] {
  let trainer = try Trainer(
    model.spec, settings: settings, data: data, threads: threads, ranks: ranks)
  trainer.dividesUpdates = ranks.count > 1
  var counts: [UInt64] = []
  counts.reserveCapacity(100)
  try trainer.run { event in
    guard case .step = event else { return .proceed }
    counts.append(allocation_count())
    if counts.count % 4 == 0 { trainer.requestWholeState() }
    return counts.count == 30 ? .stop : .proceed
  }
  return counts
}

let all =
  ranks == 1
  ? try counts(settings, ranks: Alone.only, threads: 2)
  : try ThreadRanks.run(ranks) { [settings] in try counts(settings, ranks: $0, threads: 1) }[0]
let steps = zip(all, all.dropFirst()).map { $1 - $0 }.dropFirst(9).prefix(20)
print(allocation_count_works() == 1 ? steps.map(String.init).joined(separator: " ") : "not counted")
