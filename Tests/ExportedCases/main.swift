// Writes what programs of others are compared with, one by one the numbers that the library computes.
//
//   ExportedCases cases FORMAT FOLDER                every case of ExportCases in a format
//   ExportedCases outputs CHECKPOINT DATA FILE [COUNT]
//       the outputs of a checkpoint for the first test images of DATA, or for all of them: 32-bit floats
//
// Of a case NUMBER.ENDING the inputs and outputs are in NUMBER.json, in the order in which the library has them.
import Foundation
import MiniCNN
import TestSupport

let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("cases", 3):
  guard let format = ExportFormats.named(arguments[1]) else {
    fatalError("no format \(arguments[1])")
  }
  for (number, one) in try ExportCases.all().enumerated() {
    try write(one, UInt64(number), as: format, to: "\(arguments[2])/\(number)")
  }
case ("outputs", 4...5):
  let network = TrainedModel(try Checkpoint(contentsOf: arguments[1])).network
  let images = try DataFolder(arguments[2]).load(.test)
  let count = arguments.count > 4 ? Int(arguments[4]) ?? 0 : images.count
  let numbers = (0..<Int32(min(count, images.count))).map { $0 }
  let outputs = try Predictor(network, pool: ThreadPool(threads: nil)).outputs(images, numbers)
  try outputs.values.withUnsafeBytes {
    try Data($0).write(to: URL(fileURLWithPath: arguments[3]))
  }
default:
  fatalError(
    "usage: ExportedCases cases FORMAT FOLDER | ExportedCases outputs CHECKPOINT DATA FILE [COUNT]")
}

/// A case with the inputs and outputs of a batch.
struct Sample: Encodable {
  let name: String
  let file: String
  let input: [Int]
  let output: [Int]
  let samples: Int
  let x: [Float]
  let y: [Float]
}

func write(
  _ one: ExportCases.Case, _ seed: UInt64, as format: some ExportFormat, to path: String
) throws {
  var network = try Network(one.spec, seed: seed)
  network.enliven(seed: seed)
  let size = network.inputShape.count, batch = 32
  var random = SplitMix64(state: seed)
  let x = (0..<batch * size).map { _ in Float.random(in: -1...1, using: &random) }
  let samples = ListedSamples(
    shape: network.inputShape, values: x, labels: [UInt8](repeating: 0, count: batch))
  let y = try Predictor(network, pool: ThreadPool(threads: 1))
    .outputs(samples, (0..<Int32(batch)).map { $0 }).values
  let model = TrainedModel(network: network, loss: MeanSquaredError())
  let export = try ExportedModel(model, image: [UInt8](repeating: 128, count: size))
  let files = try format.files(of: export, at: path + type(of: format).endings[0])
  for file in files { try Data(file.bytes).write(to: URL(fileURLWithPath: file.path)) }
  let sample = Sample(
    name: one.name, file: files[0].path, input: network.inputShape.array,
    output: network.outputShape.array, samples: batch, x: x, y: y)
  try JSONEncoder().encode(sample).write(to: URL(fileURLWithPath: path + ".json"))
}
