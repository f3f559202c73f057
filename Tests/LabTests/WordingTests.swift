import Testing

@testable import Lab

@Suite struct WordingTests {
  @Test func numbersAreRoundedAndGrouped() {
    #expect([0.973, 0.9996, -0.01].map(Wording.percent) == ["97.3 %", "100.0 %", "-1.0 %"])
    #expect([0.01, -0.0123, 0].map(Wording.points) == ["1.0 point", "-1.2 points", "0.0 points"])
    #expect(
      [0.31, 4.24e-7, 12.3, 99.6, 1, 0.0999, 1234, 0, .nan].map(Wording.digits)
        == ["0.31", "4.2e-07", "12", "100", "1.0", "0.10", "1.2e+03", "0", "nan"])
    #expect([0, 999, 1000, 1_234_567].map(Wording.grouped) == ["0", "999", "1,000", "1,234,567"])
    #expect(Wording.list(["a"]) == "a" && Wording.list(["a", "b", "c"]) == "a, b and c")
    #expect(Wording.list([]) == "" && Wording.fixed(-0.001, 1) == "0.0")
  }
}
