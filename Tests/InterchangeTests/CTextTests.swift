import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// Names, numbers and texts as C states them.
@Suite struct CTextTests {
  @Test(arguments: [
    ("digits-tiny", "digits_tiny"), ("LeNet 5", "LeNet_5"), ("", "model"), ("---", "model"),
    ("7up", "model_7up"), ("strokes", "model_strokes"), ("memory", "model_memory"),
    ("int8", "int8"), ("internet", "internet"), ("isolated", "model_isolated"),
    ("__a__b__", "a_b"), ("größe", "gr_e"), ("a*/ int x; /*", "a_int_x"),
    (String(repeating: "x", count: 90), String(repeating: "x", count: 40)),
  ])
  func aNameBecomesAnIdentifierThatIsNotReserved(name: String, identifier: String) {
    #expect(CIdentifier(name).text == identifier)
  }

  @Test func noNameIsMadeTwice() {
    var names = CNames(CIdentifier("m"), taken: ["scale_shift"])
    #expect(names.make("scale", "shift") == "m_scale_shift_2")
    #expect(names.make("conv-1", "kernel") == "m_conv_1_kernel")
    #expect(names.make("conv.1", "kernel") == "m_conv_1_kernel_2")
    #expect(names.make("*", "kernel") == "m_kernel")
  }

  @Test func aFloatReadsBackAsTheSameBits() {
    var random = SplitMix64(state: 3)
    for _ in 0..<1000 {
      let value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random))
      guard value.isFinite else { continue }
      let text = CSource.literal(value)
      #expect(text.last == "f")
      #expect(Float(String(text.dropLast()))?.bitPattern == value.bitPattern)
    }
    #expect(CSource.literal(1) == "1.0f")
    #expect(CSource.literal(Float(1e-20)) == "1e-20f")
  }

  @Test func aCommentStaysOneCommentOnOneLine() {
    #expect(CSource.comment("a */ b /* c") == "a _/ b /_ c")
    #expect(CSource.comment("a\\\nb\u{202E}c??/") == "a__b_c__/")
    #expect(CSource.comment("Größe 3") == "Größe 3")
  }

  @Test func aTextIsALiteralOfAsciiAlone() {
    #expect(CSource.literal("T-shirt/top") == "\"T-shirt/top\"")
    #expect(CSource.literal("\"é\\?\n") == "\"\\042\\303\\251\\134\\077\\012\"")
  }

  @Test func theLeastNumberOfATypeIsNoLiteralOfC() {
    #expect(CTable("t", [Int32.min, 5]).values == ["(-2147483647 - 1)", "5"])
    #expect(CTable("t", [Int8.min]).values == ["-128"])
    #expect(CTable("t", [UInt8.max]).type == "uint8_t")
  }

  @Test func valuesAreWrapped() {
    let text = CSource.wrapped((0..<60).map { "\($0 * 1000)" }, indent: "  ")
    #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= CSource.width })
    #expect(text.split(separator: "\n").count == 5)
    #expect(CSource.wrapped(["1"], indent: "  ") == "  1")
  }
}
