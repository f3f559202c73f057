import CAllocationCount
import MiniCNN

// Trains a model of a file on a folder's data with two threads and prints how often each of the
// steps 11 to 30 asked the heap for memory, or "not counted". Arguments: the model file, the folder.
// The steps before make what is made once, such as the memory of threads.
let model = try ModelFile(contentsOf: CommandLine.arguments[1])
let data = try DataFolder(CommandLine.arguments[2]).load(.train)
var settings = try model.training.resolve(defaultSeed: 1)
settings.seed = 1
let trainer = try Trainer(model.spec, settings: settings, data: data, threads: 2)
var counts: [UInt64] = []
counts.reserveCapacity(100)
try trainer.run { event in
  guard case .step = event else { return .proceed }
  counts.append(allocation_count())
  return counts.count == 30 ? .stop : .proceed
}
let steps = zip(counts, counts.dropFirst()).map { $1 - $0 }.dropFirst(9)
print(allocation_count_works() == 1 ? steps.map(String.init).joined(separator: " ") : "not counted")
