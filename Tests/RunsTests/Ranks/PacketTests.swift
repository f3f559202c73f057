import NeuralNetwork
import Testing

@testable import Runs

/// What ranks send to each other, put together and taken apart.
@Suite struct PacketTests {
  private static var packet: [UInt8] {
    var writer = PacketWriter()
    writer.write(-7)
    writer.write("naïve \u{0} text")
    writer.write([Float.nan.bitPattern, 1, 2])
    writer.write(nil as Int?) { $0.write($1) }
    writer.write("there") { $0.write($1) }
    writer.write([Double]())
    return writer.bytes
  }

  private static func read(_ bytes: [UInt8]) throws(RanksError) {
    var reader = PacketReader(bytes)
    let number = try reader.number()
    let text = try reader.text()
    let words = try reader.array(of: UInt32.self)
    let none = try reader.optional { reader throws(RanksError) in try reader.number() }
    let some = try reader.optional { reader throws(RanksError) in try reader.text() }
    let empty = try reader.array(of: Double.self)
    #expect(number == -7 && text == "naïve \u{0} text" && words == [Float.nan.bitPattern, 1, 2])
    #expect(none == nil && some == "there" && empty.isEmpty)
  }

  @Test func itArrivesAsItWasSent() throws { try Self.read(Self.packet) }

  @Test func oneThatIsCutShortIsAnError() {
    for count in 0..<Self.packet.count {
      #expect(throws: RanksError.self) { try Self.read(Array(Self.packet.prefix(count))) }
    }
  }

  @Test func aCountBeyondTheBytesIsAnError() {
    for count in [-1, 9, Int.max, Int.min] {
      var writer = PacketWriter()
      writer.write(count)
      writer.write(0)
      #expect(throws: RanksError.self) {
        var reader = PacketReader(writer.bytes)
        _ = try reader.array(of: UInt64.self)
      }
    }
  }

  @Test func bytesThatAreNoTextAreAnError() {
    var writer = PacketWriter()
    writer.write([0xff, 0xfe] as [UInt8])
    #expect(
      throws: RanksError("what another rank sent is damaged: expected a text, found other bytes")
    ) {
      var reader = PacketReader(writer.bytes)
      _ = try reader.text()
    }
  }

  @Test func aReportArrivesAsItWasSent() throws {
    let reports = [
      RankReport(), RankReport(failure: "no disk"),
      RankReport(
        facts: [RankReport.Fact("data", "abc"), RankReport.Fact("weights", "")], wishesStop: true),
    ]
    for report in reports { #expect(try RankReport(report.bytes) == report) }
  }
}
