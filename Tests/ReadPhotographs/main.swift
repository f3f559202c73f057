// Reads synthetic photographs of the test digits, and says how many rightly and what was warned of.
//
//   ReadPhotographs CHECKPOINT DATA COUNT [train]
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

func read(
  _ kind: PhotographReading.Kind, _ method: PictureReader.Method = .oneDigit
) -> PhotographReading {
  PhotographReading(
    kind, of: digits, count: min(count, digits.count),
    with: PictureReader(classifier, preparation, method: method), seed: 2026)
}

func report(_ name: String, _ reading: PhotographReading) {
  let warnings = reading.warned.keys.sorted().map { "\($0) \(percent(reading.share($0)))" }
  print(
    "\(name): \(percent(reading.accuracy)) of \(reading.count); \(warnings.joined(separator: ", "))"
  )
}

report("digits as they are", read(.digits, .asIs))
report("digits, prepared", read(.digits))
report("digits dark on light, prepared", read(.inverted))
report("photographs, prepared", read(.photographs))
report("photographs, only scaled", read(.photographs, .asIs))
report("photographs of boards, prepared", read(.boards))
report("without ink", read(.blank))
report("cut by an edge", read(.cut))
report("with a thin pen", read(.thin))
report("two digits over each other", read(.doubled))
