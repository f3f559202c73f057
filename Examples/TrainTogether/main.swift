import MiniCNN

// Started by mpirun, every process is a rank of one run; otherwise this one is alone.
let job = try MPIRanks.join()
let ranks: any Ranks = job ?? Alone.only
do {
  if ranks.isFirst {
    let run = try Run(
      model: ModelFile(contentsOf: "Models/lenet5.yaml"), data: DataFolder("Datasets/mnist"),
      saving: "together.weights.h5",
      options: RunOptions(replacesExisting: true, maxSteps: 100), ranks: ranks)
    try run.train()
    print("100 steps, ranks: \(ranks.count), weights:", run.state.network.weightsSHA256)
  } else {
    try FollowingRun(ranks: ranks).train()
  }
} catch {
  guard let job else { throw error }
  // Every rank has heard of it, but for those that do not answer any more: the launcher ends them.
  print(error)
  job.abort(1)
}
job?.finish()
