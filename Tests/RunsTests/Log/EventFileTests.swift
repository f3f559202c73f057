import Files
import Foundation
import Protobuf
import TestSupport
import Testing
import Training

@testable import Runs

/// TensorBoard's files, read back record by record.
@Suite struct EventFileTests {
  /// An event of a file.
  struct Found {
    var wallTime = 0.0
    var step = 0
    var version: String?
    var starts = false
    /// The tags of its values, and those that are numbers.
    var tags: [String] = []
    var numbers: [String: Float] = [:]
    /// The fields of each histogram and picture.
    var messages: [String: [Int: ProtobufField]] = [:]
  }

  @Test func checkSumsAreThoseOfTheStandard() {
    #expect(CRC32C.of(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.of([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.masked([]) == 0xA282_EAD8)
  }

  @Test func aHistogramCountsEveryNumberOnce() {
    let values: [Float] = [-1, 0, 0.25, 0.5, 3]
    let histogram = values.withUnsafeBufferPointer { Histogram($0, parts: 4) }
    #expect(histogram.limits == [0, 1, 2, 3] && histogram.counts == [1, 3, 0, 1])
    #expect(histogram.least == -1 && histogram.largest == 3)
    #expect(histogram.sum == 2.75 && histogram.squares == 10.3125)
    let same = [Float](repeating: 2, count: 3).withUnsafeBufferPointer { Histogram($0) }
    #expect(same.limits == [2] && same.counts == [3])
  }

  private func options(_ small: SmallRun) -> RunOptions {
    RunOptions(threads: 1, log: LogFolder(small("log"), hasEventFiles: true))
  }

  @Test func aRunTellsNumbersHistogramsAndPictures() throws {
    let small = try SmallRun()
    try small.begin(options: options(small)).train()
    let events = try read(small("log/events.out.tfevents.0000000001.minicnn"))
    #expect(events.map(\.step) == [0, 1, 0, 6, 12])
    #expect(events[0].version == "brain.Event:2" && events[1].starts)
    #expect(events[2].tags == ["images/training"])
    #expect(
      try events[2].messages["images/training"]?[4]?.bytes().starts(with: [0x89, 0x50, 0x4E, 0x47])
        == true)
    let layers = ["conv2d/kernel", "conv2d/bias", "dense/kernel", "dense/bias"]
    #expect(
      events[3].tags == [
        "loss/training", "accuracy/training", "learning_rate", "weights/norm", "gradients/norm",
      ]
        + layers.flatMap { ["weights/\($0)", "gradients/\($0)"] } + ["kernels/conv2d"])
    let kernel = try #require(events[4].messages["gradients/dense/kernel"])
    #expect(try kernel[3]?.double() == 144, "as many numbers as the kernel has")
    let squares = try #require(try kernel[5]?.double())
    #expect(squares > 0)
    let parts = try layers.map { try events[4].messages["gradients/\($0)"]?[5]?.double() ?? 0 }
    let norm = try #require(events[4].numbers["gradients/norm"])
    #expect(abs(norm - Float(parts.reduce(0, +).squareRoot())) < 1e-5 * norm)
    #expect(events.allSatisfy { $0.wallTime > 1e9 })
  }

  @Test func aResumedRunTakesBackWhatItMakesAgain() throws {
    let whole = try SmallRun()
    try whole.begin(options: options(whole)).train()
    let small = try SmallRun()
    let run = try small.begin(options: options(small))
    try run.train { event in
      if case .epoch(let record, _) = event, record.epoch == 1 {
        try FileManager.default.copyItem(
          atPath: small("small.weights.h5"), toPath: small("early.weights.h5"))
      }
    }
    try small.resume("early.weights.h5", options: options(small)).train()
    let first = try read(small("log/events.out.tfevents.0000000001.minicnn"))
    let second = try read(small("log/events.out.tfevents.0000000002.minicnn"))
    #expect(first.map(\.step) == [0, 1, 0, 6, 12])
    #expect(second.map(\.step) == [0, 7, 12] && second[1].starts)
    // Only the times differ.
    #expect(second[2].numbers == first[4].numbers)
    #expect(
      try plain(whole("log/events.out.tfevents.0000000001.minicnn"))
        == plain(small("log/events.out.tfevents.0000000001.minicnn")))
  }

  @Test func aNewRunRemovesWhatAnotherHasLeft() throws {
    let small = try SmallRun()
    try small.begin(options: options(small)).train()
    var again = options(small)
    again.replacesExisting = true
    try small.folder?.write("log/events.out.tfevents.17.of-another-program", [1])
    try small.begin(options: again).train()
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: small("log")).sorted() == [
        "events.out.tfevents.0000000001.minicnn", "events.out.tfevents.17.of-another-program",
        "metrics.csv",
      ])
  }

  // MARK: Reading

  /// The content of each record, whose check sums are right.
  private func records(_ path: String) throws -> [[UInt8]] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var records: [[UInt8]] = [], place = 0
    func word(_ start: Int, _ count: Int) -> UInt64 {
      bytes[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    while place < bytes.count {
      let length = Int(word(place, 8))
      #expect(word(place + 8, 4) == UInt64(CRC32C.masked(Array(bytes[place..<place + 8]))))
      let content = Array(bytes[place + 12..<place + 12 + length])
      #expect(word(place + 12 + length, 4) == UInt64(CRC32C.masked(content)))
      records.append(content)
      place += 16 + length
    }
    return records
  }

  /// The records without their times, which are their first field.
  private func plain(_ path: String) throws -> [[UInt8]] {
    try records(path).map { Array($0.dropFirst(9)) }
  }

  private func read(_ path: String) throws -> [Found] {
    try records(path).map { content in
      var found = Found()
      for field in try fields(ProtobufReader(content)) {
        switch field.number {
        case 1: found.wallTime = try field.double()
        case 2: found.step = Int(try field.int())
        case 3: found.version = try field.string()
        case 5:
          for value in try fields(field.message()) { try add(value.message(), to: &found) }
        case 7: found.starts = try fields(field.message()).first?.int() == 1
        default: Issue.record("field \(field.number)")
        }
      }
      return found
    }
  }

  private func add(_ value: ProtobufReader, to found: inout Found) throws {
    var tag = ""
    for field in try fields(value) {
      switch field.number {
      case 1:
        tag = try field.string()
        found.tags.append(tag)
      case 2: found.numbers[tag] = try field.float()
      default:
        found.messages[tag] = Dictionary(
          try fields(field.message()).map { ($0.number, $0) }, uniquingKeysWith: { $1 })
      }
    }
  }

  private func fields(_ reader: ProtobufReader) throws -> [ProtobufField] {
    var reader = reader, fields: [ProtobufField] = []
    while let field = try reader.next() { fields.append(field) }
    return fields
  }
}
