import MiniCNN

let ours = try Checkpoint(contentsOf: "Models/lenet5.weights.h5")
let test = try DataFolder("Datasets/mnist").load(.test)

let export = try ModelExport(
  TrainedModel(ours), as: KerasFormat(), to: "lenet5.keras", checkedOn: test)
try export.write()
if case .done(let check) = export.verification {
  print("read back:", check.sameClass, "of", check.images, "images get the same class")
}

let theirs = try TrainedModel(contentsOf: "lenet5.keras")
print("the same weights:", theirs.network.weightsSHA256 == ours.network.weightsSHA256)
print("accuracy:", Evaluation(theirs.network, on: test, loss: theirs.loss).accuracy)

let read = try ConvertibleModel(contentsOf: "lenet5.keras")
let checkpoint = try Checkpoint(
  converting: read.trained, training: read.training, optimizer: read.optimizer)
try checkpoint.save(to: "theirs.weights.h5")

let training = try DataFolder("Datasets/mnist").load(.train).prefix(6400)
let onward = try Run(
  model: ours.model, data: training, saving: "onward.weights.h5",
  initialWeights: InitialWeights("theirs.weights.h5"),
  options: RunOptions(replacesExisting: true, maxSteps: 10))
if let transfer = onward.weightTransfer { print(transfer) }
try onward.train()
