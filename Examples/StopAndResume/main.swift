import MiniCNN

let model = ModelSpec("small", input: [28, 28, 1]) {
  Flatten()
  Dense(units: 32)
  ReLU()
  Dropout(rate: 0.2)
  Dense(units: 10)
}
let digits = DataFolder("Datasets/mnist")
var settings = TrainingSettings()
settings.epochs = 2
settings.seed = 1
settings.validationFraction = 0.1

let whole = try Run(
  model: model, data: digits, settings: settings, saving: "whole.weights.h5",
  options: RunOptions(replacesExisting: true))
try whole.train()

let first = try Run(
  model: model, data: digits, settings: settings, saving: "parts.weights.h5",
  options: RunOptions(keep: 1, replacesExisting: true, threads: 2))
let outcome = try first.train { event in
  if case .step(let step) = event, step.epoch == 2, step.batch == 100 { first.stop() }
}
print(outcome.end, "after", outcome.steps, "steps, in epoch", outcome.epochs + 1)

let second = try Run(resuming: "parts.weights.h5", options: RunOptions(keep: 1, threads: 1))
try second.train()
print(
  "the same state:",
  try Checkpoint(contentsOf: "parts.weights.h5").stateSHA256()
    == Checkpoint(contentsOf: "whole.weights.h5").stateSHA256())

do {
  let others = try digits.load(.test)
  _ = try Run(resuming: "parts.weights.h5", data: others, epochs: 3)
} catch {
  print(error)
}
