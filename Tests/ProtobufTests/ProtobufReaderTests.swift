import Protobuf
import Testing

@Suite struct ProtobufReaderTests {
  /// Every field of a message, or the error that ends it.
  private func fields(_ bytes: [UInt8]) throws(ProtobufError) -> [ProtobufField] {
    var reader = ProtobufReader(bytes)
    var result: [ProtobufField] = []
    while let field = try reader.next() { result.append(field) }
    return result
  }

  private func problem(_ bytes: [UInt8]) -> String? {
    do throws(ProtobufError) {
      _ = try fields(bytes)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func whatIsWrittenIsRead() throws {
    var writer = ProtobufWriter()
    writer.int(1, -7)
    writer.float(2, 0.1)
    writer.double(3, -0.1)
    writer.string(4, "größer")
    writer.floats(5, [.pi, -.infinity])
    writer.ints(6, [0, -1, .max, .min])
    writer.message(7) { $0.message(1) { $0.varint(1, .max) } }
    let fields = try fields(writer.bytes)
    #expect(fields.map(\.number) == [1, 2, 3, 4, 5, 6, 7])
    #expect(try fields[0].int() == -7)
    #expect(try fields[1].float() == 0.1)
    #expect(try fields[2].double() == -0.1)
    #expect(try fields[3].string() == "größer")
    #expect(try fields[4].floats() == [.pi, -.infinity])
    #expect(try fields[5].ints() == [0, -1, .max, .min])
    var outer = try fields[6].message()
    var inner = try #require(try outer.next()).message()
    #expect(try inner.next()?.int() == -1)
    #expect(try inner.next() == nil)
    #expect(try outer.next() == nil)
  }

  @Test func repeatedNumbersMayStandOneByOne() throws {
    let fields = try fields([0x08, 5, 0x0D, 0, 0, 0x80, 0x3F])
    #expect(try fields[0].ints() == [5])
    #expect(try fields[1].floats() == [1])
  }

  @Test func anErrorNamesTheByte() {
    #expect(problem([0x08]) == "byte 1: expected a varint, found the end of the message")
    #expect(problem([0x08, 0x80]) == "byte 1: expected a varint, found the end of the message")
    #expect(
      problem([0x12, 3, 1]) == "byte 2: expected 3 bytes up to the end of the field, found 1")
    #expect(
      problem([0x0D, 1, 2]) == "byte 1: expected 4 bytes up to the end of the field, found 2")
    #expect(
      problem([0x00, 1]) == "byte 0: expected the number of a field, 1 to 536870911, found 0")
  }

  @Test func lengthsBeyondMemoryAreRefused() {
    let largest = [UInt8](repeating: 0xFF, count: 9) + [1]
    #expect(
      problem([0x0A] + largest)
        == "byte 11: expected 18446744073709551615 bytes up to the end of the field, found 0")
    #expect(
      problem(largest + [0])
        == "byte 0: expected the number of a field, 1 to 536870911, found 2305843009213693951")
  }

  @Test func varintsOfMoreThan64BitsAreRefused() {
    let ten = [UInt8](repeating: 0xFF, count: 9)
    #expect(problem([0x08] + ten + [1]) == nil)
    #expect(
      problem([0x08] + ten + [2]) == "byte 1: expected a varint of at most 64 bits, found more")
    #expect(
      problem([0x08] + ten + [0x81, 0])
        == "byte 1: expected a varint of at most 64 bits, found more")
  }

  @Test func groupsAreRefused() {
    #expect(problem([0x0B, 0x0C]) == "byte 0: expected wire type 0, 1, 2 or 5 in field 1, found 3")
  }

  @Test func aFieldOfAnotherTypeIsRefused() throws {
    let number = try fields([0x08, 5])[0]
    #expect(
      throws: ProtobufError(at: 0, expected: "bytes in field 1", found: "a varint")
    ) { try number.string() }
    #expect(
      throws: ProtobufError(at: 0, expected: "a float in field 1", found: "a varint")
    ) { try number.floats() }
    let text = try fields([0x0A, 1, 0xFF])[0]
    #expect(
      throws: ProtobufError(at: 0, expected: "UTF-8 in field 1", found: "other bytes")
    ) { try text.string() }
    #expect(
      throws: ProtobufError(
        at: 0, expected: "four bytes for each float of field 1", found: "1 bytes")
    ) { try text.floats() }
    #expect(throws: ProtobufError.self) { try text.ints() }
  }

  /// Readers of parts count bytes from the beginning of the whole.
  @Test func aPartsErrorNamesTheByteOfTheFile() throws {
    let field = try fields([0x08, 1, 0x1A, 1, 0x08])[1]
    var reader = try field.message()
    #expect(
      throws: ProtobufError(at: 5, expected: "a varint", found: "the end of the message")
    ) { try reader.next() }
  }

  /// Every prefix and every change of one byte of a message is read, or refused, without an end of the program.
  @Test func alteredMessagesAreReadOrRefused() {
    var writer = ProtobufWriter()
    writer.message(7) { $0.message(1) { $0.varint(1, 300) } }
    writer.ints(6, [1, -1])
    writer.floats(5, [1])
    writer.fixed64(4, 9)
    var refused = 0
    for position in writer.bytes.indices {
      for change in UInt8.min...UInt8.max {
        var bytes = writer.bytes
        bytes[position] = change
        if problem(bytes) != nil { refused += 1 }
      }
      if problem(Array(writer.bytes[..<position])) != nil { refused += 1 }
    }
    #expect(refused > 1000)
  }
}
