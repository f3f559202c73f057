import Testing

@testable import Interchange

@Suite struct ExportCheckTests {
  @Test func differencesAreSharesOfLargeOutputs() {
    let check = ExportCheck([[1, 0.5], [10, 21]], expected: [[1, 0.25], [10, 20]])
    #expect(check.images == 2)
    #expect(check.sameClass == 2)
    #expect(check.largestDifference == 0.25)
    #expect(check.worstImage == 0)
    #expect(ExportCheck([[0.25, 21]], expected: [[0.25, 20]]).largestDifference == 0.05)
  }

  @Test func theFirstOfEqualOutputsIsTheClass() {
    #expect(ExportCheck([[2, 2]], expected: [[2, 1]]).sameClass == 1)
    #expect(ExportCheck([[1, 2]], expected: [[2, 2]]).sameClass == 0)
  }

  @Test func whatIsMissingOrNoNumberDiffersWithoutBound() {
    #expect(ExportCheck([], expected: [[1, 2]]).largestDifference == .infinity)
    #expect(ExportCheck([[1]], expected: [[1, 2]]).largestDifference == .infinity)
    #expect(ExportCheck([[1, .nan]], expected: [[1, 2]]).largestDifference == .infinity)
    let later = ExportCheck([[.nan], [3]], expected: [[1], [1]])
    #expect(later.largestDifference == .infinity && later.worstImage == 0)
    #expect(later.sameClass == 2)
  }
}
