import TestSupport
import Testing

/// A short pass of what `make fuzz-pictures` does for long: the C meets changed files and a decoding
/// process that crashes, hangs or lies.
@Suite struct CPicturesFuzzTests {
  @Test func changedFilesAreDecodedOrRefused() throws {
    let folder = try TemporaryFolder()
    let files = try (Fixture.pngs + Fixture.jpegs).enumerated().map { number, fixture in
      try folder.write("\(number)", fixture.bytes)
    }
    let outcome = try Program("FuzzPictures").run(["here", "20000", "2026"] + files, in: "/")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let numbers = outcome.output.split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count == 7 && numbers[0] == 20_000)
    // Neither is everything refused nor is everything let through.
    #expect(numbers[1] > 1000 && numbers[2] > 1000 && numbers[5] > 1000)
  }

  #if os(Linux)
    @Test func falseAnswersAreRefused() throws {
      let outcome = try Program("FuzzPictures").run(["answers", "1000", "2026"], in: "/")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output == "answers: 1000 conversations\n")
    }
  #endif
}
