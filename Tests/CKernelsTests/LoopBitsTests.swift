import CKernels
import MachineBits
import TestSupport
import Testing

/// Every loop by itself, as `MachineBitsTests` holds whole models: on each processor with fused
/// multiply-add it comes to the digest that is in the repository. `make check-arm64` runs the same cases on
/// 64-bit ARM.
@Suite struct LoopBitsTests {
  static let recorded = RecordedDigests("Tests/MachineBits/digests.txt")
  static let names = (0..<machine_bits_count()).map { String(cString: machine_bits_name($0)) }

  @Test(
    .enabled(if: RecordedDigests.apply, "baseline and plain loops round each product"),
    arguments: names.indices)
  func digests(index: Int) {
    let name = Self.names[index], digest = machine_bits_digest(Int32(index))
    let digits = String(digest, radix: 16)
    let found = String(repeating: "0", count: 16 - digits.count) + digits
    #expect(found == Self.recorded.digest(of: name, found: found), "\(name)")
  }

  @Test func everyRecordedDigestIsOfALoop() {
    // Its own name for each, and one of the repository for each of them.
    #expect(Set(Self.names).count == Self.names.count)
    #expect(Set(Self.names) == Self.recorded.names)
  }

  @Test func arithmeticFollowsFromTheInstructionSet() {
    let arithmetic = String(cString: mc_arithmetic())
    let expected =
      switch String(cString: mc_instruction_set()) {
      case "x86-64-v3", "x86-64-v4", "neon": ["fused"]
      case "baseline": ["rounded"]
      case "plain": ["plain rounded", "plain fused"]
      default: [String]()
      }
    #expect(expected.contains(arithmetic), "\(arithmetic)")
  }
}
