// Trains a small network on a few hundred digits, or resumes where it was killed, and prints the
// SHA-256 of what it ends with.
//
//   Resumes DATA STATE
import MiniCNN

let arguments = CommandLine.arguments
guard arguments.count == 3 else { fatalError("usage: Resumes DATA STATE") }
let state = arguments[2]

let model = ModelSpec("resumes", input: [28, 28, 1]) {
  Flatten()
  Dense(units: 32)
  ReLU()
  Dropout(rate: 0.2)
  Dense(units: 10)
}
var settings = TrainingSettings()
settings.epochs = 6
settings.batchSize = 20
settings.limit = 400
settings.validationFraction = 0.2
settings.seed = 7
let options = RunOptions(saveEvery: .steps(5), keep: 1)

let run: Run
do {
  run = try Run(resuming: state, options: options)
  print("resumed from step \(run.state.optimizer.step)")
} catch let error as FileError where error.kind == .missing {
  run = try Run(
    model: model, data: DataFolder(arguments[1]), settings: settings, saving: state,
    options: options)
}
let outcome = try run.train { event in
  if case .epoch(let record, _) = event { print("epoch \(record.epoch): loss \(record.loss)") }
}
print("steps \(outcome.steps), best epoch \(outcome.best?.epoch ?? 0)")
print("SHA-256 \(try Checkpoint(contentsOf: state).stateSHA256())")
