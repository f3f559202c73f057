import MiniCNN

let digits = DataFolder("Datasets/mnist")
let model = ModelSpec("digits", input: [28, 28, 1]) {
  Conv2D(filters: 8, kernel: 5, padding: .same)
  ReLU()
  MaxPool2D(window: 2, stride: 2)
  Conv2D(filters: 16, kernel: 5)
  ReLU()
  MaxPool2D(window: 2, stride: 2)
  Flatten()
  Dense(units: 64)
  ReLU()
  Dense(units: 10)
}
var settings = TrainingSettings()
settings.epochs = 1
settings.seed = 42
let run = try Run(
  model: model, data: digits, settings: settings, saving: "digits.weights.h5",
  options: RunOptions(saveEvery: .time(.seconds(30)), replacesExisting: true))
try run.train()

// A run that was stopped or killed is resumed the same way, and ends as if it had not been.
let again = try Run(resuming: "digits.weights.h5", epochs: 2)
try again.train { event in
  if case .warning(let warning) = event { print("warning:", warning) }
}

let network = try Checkpoint(contentsOf: "digits.weights.h5").network
let test = try digits.load(.test)
print("accuracy:", Evaluation(network, on: test).accuracy)
print("the first test digit is a", try Classifier(network).predict(test, [0])[0].class)
