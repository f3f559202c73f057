import MiniCNN

let digits = DataFolder("Datasets/mnist")
let model = ModelSpec("digits", input: [28, 28, 1]) {
  Conv2D(filters: 8, kernel: 5)
  ReLU()
  MaxPool2D(window: 2, stride: 2)
  Conv2D(filters: 16, kernel: 5)
  ReLU()
  MaxPool2D(window: 2, stride: 2)
  Flatten()
  Dense(units: 10)
}
var settings = TrainingSettings()
settings.epochs = 1
settings.seed = 42
let run = try Run(
  model: model, data: digits, settings: settings, saving: "digits.weights.h5",
  options: RunOptions(replacesExisting: true))
try run.train()

// A run that was stopped or killed is resumed so too, and ends as if it had not been.
try Run(resuming: "digits.weights.h5", epochs: 2).train()

let test = try digits.load(.test)
let network = try Checkpoint(contentsOf: "digits.weights.h5").network
print("accuracy:", Evaluation(network, on: test).accuracy)
print("the first test digit is a", try Classifier(network).predict(test, [0])[0].class)
