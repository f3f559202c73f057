import Foundation
import ImageData
import TestSupport
import Testing

/// Who breaks a contract is told what was expected and what came, in release builds too.
@Suite struct WrongCallTests {
  enum Call: String, CaseIterable, Codable, Sendable {
    case noLabels, imageBeyondSet, labelBeyondSet, emptyPrefix, uselessSplit, wrongLabels
    case shortPicture, noNames, noBytes, unevenSamples, targetsForOthers, tooManyTargets
    case classesWithoutLabels, classTwice

    /// What is printed.
    var message: String {
      switch self {
      case .noLabels: "three has no labels"
      case .imageBeyondSet: "image 3 of 3"
      case .labelBeyondSet: "label -1 of 3"
      case .emptyPrefix: "the first 0 of 3 images; expected at least 1"
      case .uselessSplit: "3 of 3 images held out; expected 1 to 2"
      case .wrongLabels: "2 labels for 3 images"
      case .shortPicture: "1 bytes for a picture of 2 x 2 x 3"
      case .noNames: "0 class names; expected 1 to 256"
      case .noBytes: "the pixels of f are no bytes"
      case .unevenSamples:
        "3 numbers of samples of 2; expected a multiple of 2, at least one, and 1 to 3 extents"
      case .targetsForOthers: "2 numbers of targets for 1 samples; expected 1 × 1"
      case .tooManyTargets: "label 2 of 2 outputs; expected 0 to 1"
      case .classesWithoutLabels: "three has no labels to choose classes by"
      case .classTwice: "class 1 is named twice"
      }
    }

    func make() throws {
      let pixels = [UInt8](repeating: 7, count: 12)
      let plain = try ImageSet(pixels: pixels, height: 2, width: 2, name: "three")
      let labelled = try ImageSet(pixels: pixels, labels: [0, 1, 2], height: 2, width: 2)
      var labels = [Int32](repeating: 0, count: 3)
      var samples = [Float](repeating: 0, count: 4)
      switch self {
      case .noLabels: [0].withUnsafeBufferPointer { plain.copyLabels($0, to: &labels) }
      case .imageBeyondSet: [3].withUnsafeBufferPointer { plain.copySamples($0, to: &samples) }
      case .classesWithoutLabels: _ = try plain.keeping(classes: [0])
      case .classTwice: _ = try labelled.keeping(classes: [1, 2, 1])
      case .labelBeyondSet: [-1].withUnsafeBufferPointer { labelled.copyLabels($0, to: &labels) }
      case .emptyPrefix: _ = plain.prefix(0)
      case .uselessSplit: _ = plain.split(holdingOut: 3)
      case .wrongLabels: _ = try ImageSet(pixels: pixels, labels: [0, 1], height: 2, width: 2)
      case .shortPicture:
        var picture = PNGImage(height: 2, width: 2, channels: 3, shade: 0)
        picture.pixels = [1]
        try picture.save(to: "/dev/null/picture.png")
      case .noNames: _ = ClassNames([])
      case .noBytes:
        let folder = try TemporaryFolder()
        chdir(folder.path)
        try IDXWriter.writeFloats([1, 2], dimensions: [1, 1, 2], to: "f")
        try ImageSet(images: "f").withPixels { _ in }
      case .unevenSamples: _ = ArraySamples([1, 2, 3], shape: [2])
      case .targetsForOthers: _ = ArraySamples([1, 2], shape: [2], targets: [1, 2])
      case .tooManyTargets:
        let one = ArraySamples([1, 2], shape: [2], labels: [2])
        [0].withUnsafeBufferPointer { one.copyTargets($0, outputs: 2, to: &samples) }
      }
    }
  }

  @Test(arguments: Call.allCases) func saysWhatIsWrong(call: Call) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [call] in
      setenv("SWIFT_BACKTRACE", "enable=no", 1)
      try call.make()
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains("Fatal error: \(call.message)\n"), "\(errors)")
  }
}
