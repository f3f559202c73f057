import Files
import MiniCNN

// What a quantized network makes of the first test images, and its C file, for Tests/Interop/int8.sh to compare
// other machines' bits with:
//
//     QuantizedDigits CHECKPOINT DATA COUNT FOLDER
//
// FOLDER gets model.c, the images and their scores as they are in memory, and the names that model.c defines.
// Prints how many images keep their class, with the paired test.

let arguments = CommandLine.arguments
guard arguments.count == 5, let count = Int(arguments[3]), count > 0 else {
  fatalError("expected CHECKPOINT DATA COUNT FOLDER, found \(arguments.dropFirst())")
}
let (data, folder) = (arguments[2], arguments[4])
func images(_ part: String) throws -> ImageSet {
  try ImageSet(
    images: "\(data)/\(part)-images-idx3-ubyte.gz", labels: "\(data)/\(part)-labels-idx1-ubyte.gz")
}

let model = TrainedModel(try Checkpoint(contentsOf: arguments[1]))
let training = try images("train"), test = try images("t10k").prefix(count)
let quantized = try QuantizedNetwork(
  model, calibration: training,
  numbers: QuantizedNetwork.calibrationNumbers(of: (0..<Int32(training.count)).map { $0 }, seed: 1))
let numbers = (0..<Int32(test.count)).map { $0 }
let report = QuantizationReport(quantized, on: test, numbers: numbers)
let format = CFormat(quantized: quantized)
let exported = try test.withImage(0) { try ExportedModel(model, image: Array($0)) }
let footprint = try format.footprint(of: exported)
for file in try format.files(of: exported, at: "\(folder)/model.c") {
  try AtomicFile.write(file.bytes, to: file.path)
}
try AtomicFile.write(test.withPixels { Array($0) }, to: "\(folder)/images")
let scores = quantized.scores(test, numbers).flatMap { $0 }
try AtomicFile.write(scores.withUnsafeBytes { Array($0) }, to: "\(folder)/scores")
try AtomicFile.write(
  Array("\(footprint.constantBytes) \(footprint.codeBytes) \(footprint.stackBytes)\n".utf8),
  to: "\(folder)/footprint")
print(report.text)
