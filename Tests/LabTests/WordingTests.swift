import Testing

@testable import Lab

@Suite struct WordingTests {
  @Test func numbersAreRounded() {
    #expect([0.973, 0.9996, -0.01].map(Wording.percent) == ["97.3 %", "100.0 %", "-1.0 %"])
    #expect([0.01, -0.0123, 0].map(Wording.points) == ["1.0 point", "-1.2 points", "0.0 points"])
    #expect(Wording.list(["a"]) == "a" && Wording.list(["a", "b", "c"]) == "a, b and c")
    #expect(Wording.list([]) == "")
  }
}
