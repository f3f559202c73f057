import Testing

@testable import CommandLineTool

@Suite struct FormatTests {
  @Test(arguments: [
    (0.003_14, "0.0031"), (0.995, "1.0"), (1, "1.0"), (9.96, "10"), (12.3, "12"), (99.6, "100"),
    (1234, "1200"), (99_499, "99000"), (123_456, "120000"), (12_345_678, "1.2e+07"),
    (2.5e-6, "2.5e-06"),
    (1e-45, "1.0e-45"),
  ]) func twoDigitsAreReadBack(value: Double, text: String) throws {
    #expect(Format.significant(value) == text)
    // As a flag reads it.
    let number = try #require(Double(text))
    #expect(abs(number - value) <= 0.051 * value)
  }
}
