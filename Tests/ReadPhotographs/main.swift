// Reads synthetic photographs of the test digits, and says how many rightly and what was warned of.
//
//   ReadPhotographs CHECKPOINT DATA COUNT [train]
import Foundation
import MiniCNN
import SyntheticPhotographs

let arguments = CommandLine.arguments
guard arguments.count >= 4, let count = Int(arguments[3]) else {
  fatalError("usage: ReadPhotographs CHECKPOINT DATA COUNT [train]")
}
let checkpoint = try Checkpoint(contentsOf: arguments[1])
let digits = try DataFolder(arguments[2]).load(arguments.last == "train" ? .train : .test)
guard let preparation = PicturePreparation(input: checkpoint.network.inputShape) else {
  fatalError("\(arguments[1]) takes no grey images")
}
let classifier = Classifier(checkpoint.network, loss: checkpoint.settings.loss, threads: 1)

func percent(_ share: Double) -> String {
  let hundredths = Int((share * 10_000).rounded())
  return "\(hundredths / 100).\(hundredths / 10 % 10)\(hundredths % 10) %"
}

func report(
  _ name: String, _ kind: PhotographReading.Kind, _ method: PictureReader.Method = .oneDigit,
  of count: Int
) {
  let reading = PhotographReading(
    kind, of: digits, count: min(count, digits.count),
    with: PictureReader(classifier, preparation, method: method), seed: 2026)
  let warnings = reading.warned.keys.sorted().map { "\($0) \(percent(reading.share($0)))" }
  print(
    "\(name): \(percent(reading.accuracy)) of \(reading.count) right; warned of:"
      + " \(warnings.isEmpty ? "nothing" : warnings.joined(separator: ", "))")
  fflush(nil)
}

report("digits as they are", .digits, .asIs, of: count)
report("digits, prepared", .digits, of: count)
report("photographs, prepared", .photographs, of: count)
report("photographs, only scaled", .photographs, .asIs, of: count / 10)
report("photographs of light ink on dark, prepared", .boards, of: count / 10)
report("digits dark on light, prepared", .inverted, of: count / 10)
report("without ink", .blank, of: count / 10)
report("cut by an edge", .cut, of: count / 10)
report("with a thin pen", .thin, of: count / 10)
report("two digits over each other", .doubled, of: count / 10)
