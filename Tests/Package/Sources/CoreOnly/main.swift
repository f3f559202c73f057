// Trains with the core alone, without files of MiniCNN's own.
//
//   CoreOnly DATA
import ImageData
import NeuralNetwork
import Training

let model = ModelSpec("core", input: [28, 28, 1]) {
  Flatten()
  Dense(units: 10)
}
var settings = TrainingSettings()
settings.epochs = 2
settings.limit = 2000
settings.seed = 7
let digits = DataFolder(CommandLine.arguments[1])
let images: ImageSet
do {
  images = try digits.load(.train)
} catch {
  // Of its type, though nothing here imports the module it comes from.
  let error: FileError = error
  fatalError(error.description)
}
let trainer = try Trainer(model, settings: settings, data: images)
try trainer.run()
let accuracy = Evaluation(trainer.state.network, on: try digits.load(.test)).accuracy
print(accuracy > 0.7 ? "learnt" : "learnt nothing: \(accuracy)")
