import MiniCNN

// A model of the digits 0 to 4 learns 5 to 9 from 200 images. Its convolutions keep what they have
// learnt: lines and curves that all digits are made of.
let digits = DataFolder("Datasets/mnist")
let training = try digits.load(.train), test = try digits.load(.test).keeping(classes: 5...9)
let seed = CommandLine.arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1

func model(_ name: String) -> ModelSpec {
  ModelSpec(name, input: [28, 28, 1]) {
    Conv2D(filters: 16, kernel: 5, padding: .same, initializer: .heNormal)
    ReLU()
    MaxPool2D(window: 2, stride: 2)
    Conv2D(filters: 32, kernel: 5, initializer: .heNormal)
    ReLU()
    MaxPool2D(window: 2, stride: 2)
    Dropout(rate: 0.3)
    Flatten()
    Dense(units: 128, initializer: .heNormal)
    ReLU()
    // A layer of another name, which finds no weights to begin with.
    Dense(units: 5).named("\(name)_digits")
  }
}

func train(
  _ model: ModelSpec, on data: ImageSet, epochs: Int, from start: String? = nil
) throws -> Run {
  var settings = TrainingSettings()
  settings.epochs = epochs
  settings.schedule = Schedule(.oneCycle(rise: 0.3))
  settings.learningRate = 0.003
  settings.batchSize = 32
  settings.seed = seed
  let run = try Run(
    model: model, data: data, settings: settings, saving: "\(model.name).weights.h5",
    initialWeights: start.map { InitialWeights($0) }, options: RunOptions(replacesExisting: true))
  try run.train()
  return run
}

func report(_ name: String, _ run: Run) {
  let (network, steps) = (run.state.network, run.state.optimizer.step)
  let evaluation = Evaluation(network, on: test)
  print(
    "\(name): accuracy \(evaluation.accuracy), \(steps) steps,",
    "\(network.trainedParameterCount) of \(network.parameterCount) parameters trained")
}

_ = try train(model("low"), on: training.keeping(classes: 0...4), epochs: 3)
let high = try training.keeping(classes: 5...9).prefix(200)
let tuned = try train(
  model("high").freezing(["conv2d*"]), on: high, epochs: 20, from: "low.weights.h5")
if let transfer = tuned.weightTransfer { print(transfer) }
report("fine-tuned", tuned)
report("anew", try train(model("anew"), on: high, epochs: 40))
