import Protobuf
import Testing

@Suite struct WireTypeTests {
  @Test func groupsAreNotKnown() {
    #expect(WireType(rawValue: 3) == nil)
    #expect(WireType(rawValue: 2) == .lengthDelimited)
  }
}
