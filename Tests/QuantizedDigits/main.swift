import Files
import MiniCNN

// What a quantized network gives here for the first test images, for Tests/Interop/check_int8.py to compare other machines'
// bits with:
//
//     QuantizedDigits CHECKPOINT DATA COUNT SCORES
//
// The ranges of integers are those that `minicnn export --quantize int8 --data DATA` takes. SCORES gets 32-bit floats.

let arguments = CommandLine.arguments
guard arguments.count == 5, let count = Int32(arguments[3]), count > 0 else {
  fatalError("expected CHECKPOINT DATA COUNT SCORES, found \(arguments.dropFirst())")
}
let checkpoint = try Checkpoint(contentsOf: arguments[1])
let folder = DataFolder(arguments[2])
let training = try folder.load(.train), test = try folder.load(.test)
let isOwn = checkpoint.data?.sha256 == training.sha256
let used =
  isOwn
  ? try SampleSplit(training, settings: checkpoint.settings).training
  : (0..<Int32(training.count)).map { $0 }
let quantized = try QuantizedNetwork(
  TrainedModel(checkpoint), calibration: training,
  numbers: QuantizedNetwork.calibrationNumbers(
    of: used, seed: isOwn ? checkpoint.settings.seed : 0))
let scores = quantized.scores(test, (0..<count).map { $0 }).flatMap { $0 }
try AtomicFile.write(scores.withUnsafeBytes { Array($0) }, to: arguments[4])
