import ImageData
import NeuralNetwork
import TestSupport
import Testing

@testable import Training

/// Cross-validation: each sample is in one fold.
@Suite struct FoldTests {
  private static func settings(
    _ number: Int, of count: Int, seed: UInt64 = 3, stratifies: Bool = false
  ) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.fold = Fold(number, of: count)
    (settings.seed, settings.stratifies) = (seed, stratifies)
    return settings
  }

  /// Samples of which each class has as many as is stated.
  private static func samples(_ counts: [Int]) -> ArraySamples {
    let labels = counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    return ArraySamples(labels.map { Float($0) }, shape: [1], labels: labels)
  }

  @Test(arguments: [2, 3, 5, 10, 103]) func foldsHoldEachSampleOnce(count: Int) throws {
    for seed: UInt64 in 0..<3 {
      var held: [Int32] = []
      var sizes: Set<Int> = []
      for number in 1...count {
        let split = try SampleSplit(
          count: 103, settings: Self.settings(number, of: count, seed: seed))
        #expect((split.training + split.validation).sorted() == (0..<103).map { Int32($0) })
        #expect(split.validation == split.validation.sorted())
        #expect(split.training == split.training.sorted())
        held += split.validation
        sizes.insert(split.validation.count)
      }
      #expect(held.sorted() == (0..<103).map { Int32($0) })
      #expect(sizes.count <= 2 && (sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }
    let splits = try [0, 1].map {
      try SampleSplit(count: 103, settings: Self.settings(1, of: count, seed: $0)).validation
    }
    #expect(splits[0] != splits[1])
  }

  @Test func aLimitComesBeforeTheFolds() throws {
    var settings = Self.settings(2, of: 4)
    settings.limit = 10
    let split = try SampleSplit(count: 103, settings: settings)
    #expect(split.validation.count == 3 && split.training.count == 7)
    #expect((split.training + split.validation).allSatisfy { $0 < 10 })
  }

  @Test func stratifiedFoldsHaveTheSharesOfClasses() throws {
    let counts = [101, 17, 6]
    let data = Self.samples(counts)
    var held: [Int32] = []
    for number in 1...5 {
      let split = try SampleSplit(data, settings: Self.settings(number, of: 5, stratifies: true))
      let labels = data.labels(split.validation)
      for (label, all) in counts.enumerated() {
        let count = labels.count { $0 == label }
        #expect(count == all / 5 || count == all / 5 + 1, "class \(label), fold \(number)")
      }
      #expect(split.validation.count == (number <= 4 ? 25 : 24))
      held += split.validation
    }
    #expect(held.sorted() == (0..<124).map { Int32($0) })
  }

  @Test func foldsThatCannotBeAreNamed() throws {
    #expect(
      complaint { _ = try SampleSplit(count: 4, settings: Self.settings(1, of: 5)) }
        == "fold: expected at most as many folds as samples, found 1/5 of 4 samples")
    for text in ["0/5", "6/5", "1/1", "1/1001", "2", "2/5/", "/5", "a/5", "1.5/2", ""] {
      #expect(
        complaint { _ = try TrainingOptions(["fold": text]) }
          == "fold: expected a fold's number and that of all, 2 to 1000, such as 2/5, found \(text)"
      )
    }
  }

  @Test func aFoldTakesThePlaceOfAFraction() throws {
    let file = try TrainingOptions(["validation_fraction": "0.25", "stratify": "true"])
    let folded = try TrainingOptions(["fold": "2/5"]).filled(from: file)
      .resolve(defaultSeed: 1)
    #expect(folded.validationFraction == 0 && folded.fold == Fold(2, of: 5) && folded.stratifies)
    let back = try file.filled(from: TrainingOptions(["fold": "2/5"])).resolve(defaultSeed: 1)
    #expect(back.validationFraction == 0.25 && back.fold == nil && back.stratifies)
    let none = try TrainingOptions(["fold": "none"])
      .filled(from: TrainingOptions(["fold": "2/5", "stratify": "true"])).resolve(defaultSeed: 1)
    #expect(none.fold == nil && !none.stratifies)
    let patient = try TrainingOptions(["fold": "2/5", "patience": "3"]).resolve(defaultSeed: 1)
    #expect(patient.validationFraction == 0 && patient.patience == 3)
    #expect(
      complaint {
        _ = try TrainingOptions(["fold": "2/5", "validation_fraction": "0.5"])
          .resolve(defaultSeed: 1)
      } == "validation_fraction: expected 0 with a fold, which validates, found 0.5")
    #expect(
      complaint {
        _ = try TrainingOptions(["fold": "2/5"]).resolve(defaultSeed: 1, hasValidationSet: true)
      } == "fold: expected none beside samples for validation alone, found 2/5")
  }
}
