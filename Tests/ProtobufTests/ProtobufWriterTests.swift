import Protobuf
import Testing

/// What the encoding guide of Protocol Buffers shows, and what the official implementation writes
/// (`Tests/Interop/onnx.py` asks it again).
@Suite struct ProtobufWriterTests {
  private func written(_ fields: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var writer = ProtobufWriter()
    fields(&writer)
    return writer.bytes
  }

  @Test func theEncodingGuidesExamplesComeOutByteForByte() {
    #expect(written { $0.varint(1, 150) } == [0x08, 0x96, 0x01])
    #expect(
      written { $0.string(2, "testing") } == [0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    #expect(written { $0.message(3) { $0.varint(1, 150) } } == [0x1A, 3, 0x08, 0x96, 0x01])
    #expect(
      written { $0.ints(6, [3, 270, 86942]) } == [0x32, 6, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05])
    #expect(
      written { $0.int(1, -2) }
        == [0x08, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])
  }

  @Test func floatsAreLittleEndian() {
    #expect(written { $0.float(1, 1) } == [0x0D, 0, 0, 0x80, 0x3F])
    #expect(written { $0.double(2, 1) } == [0x11, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    #expect(written { $0.floats(1, [1, -2]) } == [0x0A, 8, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    #expect(written { $0.doubles(1, [1]) } == [0x0A, 8, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    #expect([Float(1), -2].littleEndian == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
  }

  @Test func largeNumbersOfFieldsTakeMoreBytes() {
    #expect(written { $0.bool(16, true) } == [0x80, 0x01, 1])
    #expect(
      written { $0.bool(ProtobufField.largestNumber, true) } == [0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 1])
  }

  @Test func zerosAndEmptyFieldsAreWritten() {
    #expect(written { $0.varint(1, 0) } == [0x08, 0])
    #expect(written { $0.string(1, "") } == [0x0A, 0])
    #expect(written { $0.floats(1, []) } == [0x0A, 0])
  }
}
