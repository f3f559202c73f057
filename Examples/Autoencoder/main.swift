import MiniCNN

// Squeezes digits through 32 numbers and draws them again from those.
let digits = try DataFolder("Datasets/mnist").load(.train)

/// Some of the digits, each the target of itself.
func samples(_ range: Range<Int>) -> ArraySamples {
  let images = digits[range]
  var pixels = [Float](repeating: 0, count: images.count * images.pixelsPerImage)
  (0..<Int32(images.count)).map { $0 }.withUnsafeBufferPointer {
    images.copySamples($0, to: &pixels)
  }
  return ArraySamples(pixels, shape: [28, 28, 1], targets: pixels, targetShape: [28, 28, 1])
}

let model = ModelSpec("autoencoder", input: [28, 28, 1]) {
  Flatten()
  Dense(units: 128)
  ReLU()
  Dense(units: 32)
  Dense(units: 128)
  ReLU()
  Dense(units: 784)
}
var settings = TrainingSettings()
// A pixel is dark or bright by itself, and something between where it is gray.
settings.loss = BinaryCrossEntropy()
settings.epochs = 8
settings.learningRate = 0.003
settings.schedule = Schedule(.cosine(final: 0))
settings.seed = 1
let held = samples(8000..<9000)
let trainer = try Trainer(model, settings: settings, data: samples(0..<8000), validation: held)
try trainer.run()

let network = trainer.state.network
let evaluation = Evaluation(
  network, on: held, loss: settings.loss, metrics: [MeanSquaredError()])
print("squared error of a pixel:", evaluation.metrics[0].value)

// The first of the digits that were held out, and what the network draws for it.
var image = [Float](repeating: 0, count: 784)
[0].withUnsafeBufferPointer { held.copySamples($0, to: &image) }
let drawn = try Classifier(network, loss: settings.loss).predict(image).values
for row in stride(from: 0, to: 28, by: 2) {
  for picture in [image, drawn] {
    let shades = (0..<28).map { Array(" .:*#")[Int(picture[row * 28 + $0] * 4.99)] }
    print(String(shades), terminator: picture == image ? " | " : "\n")
  }
}
