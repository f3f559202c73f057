// Writes models in a format of other programs, with inputs and what the library computes for them, so that those
// programs can be compared.
//
//   ExportedCases FORMAT FOLDER                     every case of ExportCases
//   ExportedCases FORMAT FOLDER CHECKPOINT DATA [COUNT]
//       a checkpoint, and its outputs for the first test images of DATA, or for all of them
//
//
// Of a case NUMBER.ENDING the inputs and outputs are in NUMBER.json, in the order in which the library has them; of a
// checkpoint the outputs are in outputs.f32, 32-bit floats.
import Foundation
import MiniCNN
import TestSupport

struct Sample: Encodable {
  let name: String
  let file: String
  let input: [Int]
  let output: [Int]
  let samples: Int
  let x: [Float]
  let y: [Float]
}

let formats: [any ExportFormat] = [ONNXFormat(), SafeTensorsFormat()]
let arguments = CommandLine.arguments
guard arguments.count == 3 || arguments.count >= 5,
  let format = formats.first(where: { type(of: $0).name == arguments[1] })
else { fatalError("usage: ExportedCases FORMAT FOLDER [CHECKPOINT DATA [COUNT]]") }
let folder = arguments[2]
let ending = type(of: format).endings[0]

func write(_ files: [ExportedFile]) throws {
  for file in files { try Data(file.bytes).write(to: URL(fileURLWithPath: file.path)) }
}

if arguments.count >= 5 {
  let model = TrainedModel(try Checkpoint(contentsOf: arguments[3]).forUse())
  let images = try DataFolder(arguments[4]).load(.test)
  let export = try ExportedModel(
    model, image: [UInt8](repeating: 128, count: images.height * images.width))
  try write(try format.files(of: export, at: "\(folder)/model\(ending)"))
  let count = arguments.count > 5 ? Int(arguments[5]) ?? 0 : images.count
  let numbers = (0..<Int32(min(count, images.count))).map { $0 }
  let outputs = try Predictor(model.network, pool: ThreadPool(threads: nil)).outputs(
    images, numbers)
  let data = outputs.values.withUnsafeBytes { Data($0) }
  try data.write(to: URL(fileURLWithPath: "\(folder)/outputs.f32"))
} else {
  let batch = 32
  for (number, one) in try ExportCases.all().enumerated() {
    var network = try Network(one.spec, seed: UInt64(number))
    network.enliven(seed: UInt64(number))
    let size = network.inputShape.count
    var random = SplitMix64(state: UInt64(number))
    let x = (0..<batch * size).map { _ in Float.random(in: -1...1, using: &random) }
    let samples = ListedSamples(
      shape: network.inputShape, values: x, labels: [UInt8](repeating: 0, count: batch))
    let y = try Predictor(network, pool: ThreadPool(threads: 1))
      .outputs(samples, (0..<Int32(batch)).map { $0 }).values
    let model = TrainedModel(network: network, loss: MeanSquaredError())
    let export = try ExportedModel(model, image: [UInt8](repeating: 128, count: size))
    let file = "\(folder)/\(number)\(ending)"
    try write(try format.files(of: export, at: file))
    let sample = Sample(
      name: one.name, file: file, input: network.inputShape.array,
      output: network.outputShape.array,
      samples: batch, x: x, y: y)
    try JSONEncoder().encode(sample).write(to: URL(fileURLWithPath: "\(folder)/\(number).json"))
  }
}
