import MiniCNN

let model = ModelSpec("small", input: [28, 28, 1]) {
  Conv2D(filters: 4, kernel: 5, stride: 2)
  ReLU()
  Flatten()
  Dropout(rate: 0.2)
  Dense(units: 10)
}
let digits = try DataFolder("Datasets/mnist").load(.train).prefix(6400)

func digest(seed: UInt64, threads: Int) throws -> Substring {
  var settings = TrainingSettings()
  settings.epochs = 1
  settings.augmentation.shift = 2
  settings.seed = seed
  let trainer = try Trainer(model, settings: settings, data: digits, threads: threads)
  try trainer.run()
  return trainer.state.network.weightsSHA256.prefix(16)
}

for threads in [1, 2, 3] {
  print("seed 1, threads: \(threads), weights: \(try digest(seed: 1, threads: threads))…")
}
print("seed 2, threads: 2, weights: \(try digest(seed: 2, threads: 2))…")
