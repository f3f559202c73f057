import MiniCNN

let checkpoint = try Checkpoint(contentsOf: "Models/digits-fast.weights.h5")
guard let preparation = PicturePreparation(input: checkpoint.network.inputShape) else {
  throw ModelError("takes no pictures")
}
let classifier = Classifier(checkpoint.network)

let reader = PictureReader(classifier, preparation)
for reading in try reader.read(try Picture(contentsOf: "docs/pictures/five.jpg")) {
  guard let prediction = reading.prediction else { continue }
  let probability = prediction.probabilities?[prediction.class] ?? 0
  print(
    "five.jpg:", prediction.class, probability > 0.9 ? "(sure)" : "(not sure)", reading.warnings)
  print(
    "the digit is", reading.prepared.changes.box.height, "pixels high, and the network gets",
    reading.prepared.height)
}

let line = PictureReader(classifier, preparation, method: .manyDigits)
let number = try line.read(try Picture(contentsOf: "docs/pictures/number.jpg"))
print("number.jpg:", number.compactMap { $0.prediction?.class })

let blank = Picture(height: 100, width: 100, pixels: [UInt8](repeating: 200, count: 100 * 100))
for reading in try reader.read(blank) { print("blank:", reading.warnings[0]) }
