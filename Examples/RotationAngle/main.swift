import Foundation
import MiniCNN

// Learns by which angle a digit was turned: a regression.
let digits = try DataFolder("Datasets/mnist").load(.train)

/// An image of 28×28 pixels, turned around its middle.
func turned(_ image: [Float], degrees: Float) -> [Float] {
  let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
  return (0..<784).map { place in
    let (y, x) = (Float(place / 28) - 13.5, Float(place % 28) - 13.5)
    let row = Int((c * y - s * x + 13.5).rounded()), column = Int((s * y + c * x + 13.5).rounded())
    return (0..<28).contains(row) && (0..<28).contains(column) ? image[row * 28 + column] : 0
  }
}

/// Digits turned by up to 45 degrees either way; the target is the angle in units of 45 degrees.
func samples(_ range: Range<Int>) -> ArraySamples {
  var (pixels, angles): ([Float], [Float]) = ([], [])
  var random = CounterRandom(seed: 7, .test, range.lowerBound)
  for number in range {
    var image = [Float](repeating: 0, count: 784)
    [Int32(number)].withUnsafeBufferPointer { digits.copySamples($0, to: &image) }
    angles.append(random.uniform(-1, 1))
    pixels += turned(image, degrees: 45 * angles[angles.count - 1])
  }
  return ArraySamples(pixels, shape: [28, 28, 1], targets: angles)
}

let model = ModelSpec("angle", input: [28, 28, 1]) {
  Conv2D(filters: 8, kernel: 5, padding: .same)
  ReLU()
  MaxPool2D(window: 2, stride: 2)
  Conv2D(filters: 16, kernel: 5)
  ReLU()
  MaxPool2D(window: 2, stride: 2)
  Flatten()
  Dense(units: 64)
  ReLU()
  Dense(units: 1)
}
var settings = TrainingSettings()
settings.loss = Huber(delta: 0.2)
settings.epochs = 10
settings.schedule = Schedule(.oneCycle(rise: 0.3))
settings.learningRate = 0.004
settings.seed = 1
let held = samples(8000..<9000)
let trainer = try Trainer(model, settings: settings, data: samples(0..<8000), validation: held)
try trainer.run()
let evaluation = Evaluation(
  trainer.state.network, on: held, loss: settings.loss, metrics: [MeanAbsoluteError()])
print("mean error in degrees:", 45 * evaluation.metrics[0].value)
