import Reports
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

  @Test(arguments: [
    (0.0, 4, "0.0000"), (-0.00001, 4, "0.0000"), (-1.5, 1, "-1.5"), (2.5, 0, "3"),
    (12.345, 2, "12.35"), (9e11, 4, "900000000000.0000"), (9.5e14, 4, "950000000000000.0"),
    (-9.5e14, 4, "-950000000000000.0"), (1e300, 2, "1e+300"), (.infinity, 4, "inf"),
    (-.infinity, 0, "-inf"), (.nan, 4, "nan"),
  ]) func everyNumberIsPrinted(value: Double, decimals: Int, text: String) {
    #expect(Format.fixed(value, decimals) == text)
  }

  @Test func sharesCountsAndTimesBeyondAllBoundsArePrinted() {
    #expect(Format.percent(0.9876) == "98.76 %")
    #expect(Format.percent(.nan) == "nan %")
    #expect(Format.percent(1e300) == "1e+302 %")
    #expect(Format.percent(.greatestFiniteMagnitude) == "inf %")
    #expect(Format.accuracy(1e300, samples: 10) == "1e+302 %")
    #expect(Format.accuracy(.nan, samples: 10) == "nan %")
    #expect(
      Format.accuracy(0.5, samples: 10)
        == "50.00 % (5 of 10; 95 % interval 23.66 % to 76.34 %)")
    #expect(Format.grouped(61_706) == "61,706")
    #expect(Format.grouped(Int.min) == "-9,223,372,036,854,775,808")
    #expect(Format.grouped(1234.6) == "1,235")
    #expect(Format.grouped(1e300) == "1e+300")
    #expect(Format.grouped(Double.nan) == "nan")
    #expect(Format.duration(3722.2) == "1:02:03")
    #expect(
      [.nan, -.infinity, -1, 1e300].map(Format.duration) == ["-:--", "-:--", "-:--", "-:--"])
    #expect([.nan, .infinity, 0, -1].map(Format.significant) == ["nan", "inf", "0.0", "-1.0"])
    #expect(Format.significant(.leastNonzeroMagnitude) == "4.9e-324")
  }

  @Test func bytesAndTimesAreRounded() {
    #expect(
      [0, 999, 1000, 9949, 9950, 999_499, 999_500, 12_345_678, 3_000_000_000_000].map(Format.bytes)
        == ["0 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "12 MB", "3.0 TB"])
    #expect(
      [0, 0.0123, 9.96, 42, 99.6, 200, 3600, 7509].map(Format.time)
        == ["0 s", "0.012 s", "10 s", "42 s", "1 min 40 s", "3 min 20 s", "1 h 0 min", "2 h 5 min"])
    #expect([Double.nan, -1, .infinity].map(Format.time) == ["nan s", "-1.0 s", "inf s"])
  }
}
