import Checkpoints
import ImageData
import Pictures
import SyntheticPhotographs
import TestSupport
import Testing
import Training

/// What `make -C Benchmarks pictures` measures on all test digits, on a few hundred of them.
@Suite struct PhotographTests {
  private let digits: ImageSet
  private let classifier: Classifier
  private let preparation: PicturePreparation

  init() throws {
    let checkpoint = try Checkpoint(
      contentsOf: Repository.path("Models/digits-fast.weights.h5"))
    digits = try DataFolder(Repository.path("Datasets/mnist")).load(.test)
    classifier = Classifier(checkpoint.network, threads: 1)
    preparation = try #require(PicturePreparation(input: checkpoint.network.inputShape))
  }

  private func read(
    _ kind: PhotographReading.Kind, _ method: PictureReader.Method = .oneDigit, count: Int
  ) -> PhotographReading {
    PhotographReading(
      kind, of: digits, count: count,
      with: PictureReader(classifier, preparation, method: method), seed: 7)
  }

  @Test func photographsAreRead() {
    let prepared = read(.photographs, count: 500)
    #expect(prepared.count == 500)
    #expect(prepared.accuracy >= 0.97)
    // What is plain is not warned of.
    for warning in ["noInk", "inkAtBorder", "thinStroke", "severalDigits"] {
      #expect(prepared.share(warning) <= 0.01, "\(warning)")
    }
    let scaled = read(.photographs, .asIs, count: 100)
    #expect(scaled.accuracy < 0.3 && scaled.share("lowConfidence") >= 0.9)
  }

  @Test func lightInkOnDarkIsRead() {
    #expect(read(.boards, count: 100).accuracy >= 0.95)
  }

  @Test func whatMNISTHasStaysAsItIs() {
    let count = 2000
    let plain = read(.digits, .asIs, count: count), prepared = read(.digits, count: count)
    #expect(abs(plain.accuracy - prepared.accuracy) <= 0.001)
    #expect(prepared.share("lowConfidence") <= 0.015)
    #expect(read(.inverted, count: 200).accuracy >= 0.98)
  }

  @Test(arguments: [
    (PhotographReading.Kind.blank, "noInk"), (.cut, "inkAtBorder"), (.thin, "thinStroke"),
  ])
  func warningsFireWhereTheyAreMeantTo(kind: PhotographReading.Kind, warning: String) {
    #expect(read(kind, count: 100).share(warning) >= 0.9)
  }
}
