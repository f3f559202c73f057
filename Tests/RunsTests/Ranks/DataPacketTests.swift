import Files
import Foundation
import ImageData
import NeuralNetwork
import Testing
import TestSupport

@testable import Runs

/// Data of every kind, sent from one rank to others.
@Suite struct DataPacketTests {
  /// Samples of a type that only its user knows.
  private struct OwnSamples: SampleSource {
    let base = ListedSamples.random([2, 3], count: 9, classes: 4)
    var count: Int { base.count }
    var sampleShape: Shape { base.sampleShape }
    var sha256: String? { "a digest of its own" }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      base.copySamples(numbers, to: samples)
    }

    func copyLabels(_ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>) {
      base.copyLabels(numbers, to: labels)
    }
  }

  /// What the last of two ranks receives.
  private func received(_ data: LabelledData) throws -> LabelledData {
    let results = try ThreadRanks.run(2) { ranks in
      let packet = ranks.isFirst ? DataPacket(data) : nil
      return try DataPacket.broadcast(packet, over: ranks).unpacked()
    }
    return results[1]
  }

  /// All floats of some samples and of their targets.
  private func numbers(_ samples: some SampleSource) -> ([UInt32], [UInt32]) {
    let all = (0..<Int32(samples.count)).map { $0 }
    func rows(
      _ width: Int, _ copy: (UnsafeBufferPointer<Int32>, UnsafeMutablePointer<Float>) -> Void
    ) -> [UInt32] {
      [Float](unsafeUninitializedCapacity: all.count * width) { rows, count in
        guard let start = rows.baseAddress else { return }
        all.withUnsafeBufferPointer { copy($0, start) }
        count = all.count * width
      }.map(\.bitPattern)
    }
    let values = rows(samples.sampleShape.count) { samples.copySamples($0, to: $1) }
    guard case .values(let shape) = samples.targets else {
      return (values, samples.labels(all).map { UInt32(bitPattern: $0) })
    }
    return (
      values, rows(shape.count) { samples.copyTargets($0, outputs: shape.count, to: $1) }
    )
  }

  private func expectSame(_ data: LabelledData) throws {
    let other = try received(data)
    #expect(other.sha256 == data.sha256 && other.reference == data.reference)
    #expect(other.name == data.name && other.sampleFile == data.sampleFile)
    #expect(other.classNames == data.classNames)
    #expect(other.samples.targets == data.samples.targets)
    #expect(other.samples.sampleShape == data.samples.sampleShape)
    #expect((other.images == nil) == (data.images == nil))
    let (one, two) = (numbers(data.samples), numbers(other.samples))
    #expect(one.0 == two.0 && one.1 == two.1)
    #expect(!one.0.isEmpty && !one.1.isEmpty)
  }

  @Test func imagesArriveWithTheirNames() throws {
    let set = try SmallRun.images(20, seed: 4)
    try expectSame(LabelledData(set))
    try expectSame(LabelledData(set, classNames: ClassNames(["a", "b", "c", "d e"])))
    // A part of a set sends no more than that.
    try expectSame(LabelledData(set[5..<11]))
  }

  /// 16-bit integers and floats, with classes and with numbers for targets.
  @Test func filesOfEveryKindArrive() throws {
    let folder = try TemporaryFolder()
    func file(_ name: String, _ words: [UInt32], _ content: [UInt8]) throws -> String {
      let path = "\(folder.path)/\(name)"
      let head = words.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
      try Data(head + content).write(to: URL(fileURLWithPath: path))
      return path
    }
    func floats(_ count: Int) -> [UInt8] {
      (0..<count).flatMap { number in
        withUnsafeBytes(of: (Float(number) / 7).bitPattern.bigEndian) { Array($0) }
      }
    }
    let images = [
      try file("bytes", [0x803, 3, 2, 2], (0..<12).map { $0 }),
      try file("shorts", [0xb03, 3, 2, 2], (0..<24).map { $0 }),
      try file("floats", [0xd04, 3, 2, 1, 2], floats(12)),
    ]
    let labels = [
      try file("classes", [0x801, 3], [2, 0, 1]), try file("targets", [0xd01, 3], floats(3)),
      try file("rows", [0xd02, 3, 2], floats(6)),
    ]
    for images in images {
      for labels in labels {
        try expectSame(LabelledData(paths: [images, labels], split: .train))
      }
    }
  }

  @Test func samplesInMemoryArrive() throws {
    let values = (0..<24).map { Float($0) / 3 }
    try expectSame(
      LabelledData(samples: ArraySamples(values, shape: [2, 3], labels: [3, 0, 1, 2]), name: "x"))
    try expectSame(
      LabelledData(samples: ArraySamples(values, shape: [3], targets: (0..<8).map { Float($0) })))
    try expectSame(
      LabelledData(
        samples: ArraySamples(values, shape: [3, 1, 2], targets: values, targetShape: [2, 3])))
  }

  @Test func samplesOfATypeOfTheirUsersOwnArrive() throws {
    try expectSame(LabelledData(samples: OwnSamples()))
  }

  @Test func imagesWhoseCountsDoNotGoTogetherAreRefused() throws {
    let set = try SmallRun.images(5, seed: 4)
    func parts(height: Int, labels: Int) -> ImageParts {
      ImageParts(
        height: height, width: 8, channels: 1, element: 8,
        labels: [UInt8](repeating: 0, count: labels), targetValues: nil, targetShape: nil,
        imageFile: "squares", labelFile: "squares")
    }
    #expect(try ImageSet(parts(height: 8, labels: 5), bytes: set.copyBytes()).count == 5)
    #expect(
      complaint { try ImageSet(parts(height: 7, labels: 5), bytes: set.copyBytes()) }
        == "squares: expected images of 7×8×1, found 320 bytes")
    #expect(
      complaint { try ImageSet(parts(height: 8, labels: 4), bytes: set.copyBytes()) }
        == "squares: expected 5 labels or targets, one for each image, found 4 numbers")
    for height in [0, -1, Int.max] {
      #expect(throws: FileError.self) {
        try ImageSet(parts(height: height, labels: 5), bytes: set.copyBytes())
      }
    }
  }
}
