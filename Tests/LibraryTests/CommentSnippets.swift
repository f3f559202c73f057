import MiniCNN

/// The Swift that comments of public symbols show, with what it takes for granted: ``ArticleTests`` wants it here,
/// so that it is compiled.
private func gradientsOfAModel() throws {
  let network = try Network(ModelFile(contentsOf: "Models/lenet5.yaml").spec, seed: 1)
  for check in ModelGradientChecker().check(network) { print(check.layer, check.verdict) }
}

private typealias MyLayer = ReLU

private func gradientsOfALayer() throws {
  let network = try Network(ModelSpec("check", input: [5, 5, 2]) { MyLayer() }, seed: 1)
  let input = GradientChecker.spacedInput([5, 5, 2], samples: 2)
  print(GradientChecker().failures(network, input: input))  // [] where all is well
}

private func run(_ spec: ModelSpec, _ folder: DataFolder, _ settings: TrainingSettings) throws {
  let run = try Run(model: spec, data: folder, settings: settings, saving: "digits.weights.h5")
  try run.train()
  let again = try Run(resuming: "digits.weights.h5", epochs: 10)
  try again.train()
}

private func sweep() throws {
  let table = try Sweep(SweepSpec(contentsOf: "rates.yaml")).run { event in
    if case .made(let run, let record) = event { print(run.title, record.outcome) }
  }
  _ = table
}

private func ranks(_ spec: ModelSpec, _ folder: DataFolder, _ settings: TrainingSettings) throws {
  let ranks: any Ranks = try MPIRanks.join() ?? Alone.only
  if ranks.isFirst {
    let run = try Run(
      model: spec, data: folder, settings: settings, saving: "digits.weights.h5", ranks: ranks)
    try run.train()
  } else {
    try FollowingRun(ranks: ranks).train()
  }
}
