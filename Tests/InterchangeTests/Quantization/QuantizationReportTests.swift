import ImageData
import NeuralNetwork
import Testing

@testable import Interchange

@Suite struct QuantizationReportTests {
  /// Images of three pixels, the first always black, and the class of each: whether the third pixel is the brighter one.
  private static func images() throws -> ImageSet {
    let values: [UInt8] = [40, 90, 140, 190, 240]
    var pixels: [UInt8] = [], labels: [UInt8] = []
    for a in values {
      for b in values where a != b {
        pixels += [0, a, b]
        labels.append(a > b ? 0 : 1)
      }
    }
    return try ImageSet(pixels: pixels, labels: labels, height: 1, width: 3)
  }

  /// A network that tells them apart. The weights of the black pixel change nothing, but the integers have to
  /// hold them.
  private static func model(black: Float) throws -> TrainedModel {
    let spec = ModelSpec("pixels", input: [1, 3, 1]) {
      Flatten(); Dense(units: 2).named("coarse"); Dense(units: 2).named("fine")
    }
    var network = try Network(spec, seed: 1)
    for entry in network.layout.entries {
      let isFirst = network.nodes[entry.node].name == "coarse"
      let kernel: [Float] = isFirst ? [black, 0, 1, 0, 0, 1] : [1, 0, 0, 1]
      network.setValues(entry.variable.name == "kernel" ? kernel : [0, 0], of: entry)
    }
    return TrainedModel(network: network)
  }

  private static func report(black: Float) throws -> QuantizationReport {
    let images = try images()
    let numbers = (0..<Int32(images.count)).map { $0 }
    return QuantizationReport(
      try QuantizedNetwork(model(black: black), calibration: images, numbers: numbers),
      on: images, numbers: numbers, threads: 1)
  }

  @Test func aNetworkThatLosesNothingPasses() throws {
    let report = try Self.report(black: 0)
    try report.check(threads: 1)
    #expect(report.loss == 0)
    #expect(
      report.text == """
        int8: 100.00 % of 20 images, 100.00 % with floats: 0.00 points lost (95 % interval -8.91 to 8.91)
        paired test: 0 right with floats alone, 0 with integers alone, p = 1.000 (McNemar)
        weights: 46 bytes; ranges from 20 training images
        """)
  }

  @Test func aNetworkThatLosesMoreThanHalfAPointIsRefusedWithTheWorstLayer() throws {
    let report = try Self.report(black: 1000)
    #expect(report.loss == 0.5)
    let error = #expect(throws: ModelError.self) { try report.check(threads: 1) }
    #expect(
      error?.description
        == "layer coarse: 8-bit integers lose 50.00 points of accuracy (100.00 % to 50.00 % of 20 images); expected at most 0.50; this layer costs most by itself: it changes the class of 10 of 20 images"
    )
  }

  @Test func calibrationImagesFollowFromTheSeedAlone() {
    let training = (0..<2000).map { Int32($0 * 3) }
    let numbers = QuantizedNetwork.calibrationNumbers(of: training, seed: 1)
    #expect(numbers.count == 512)
    #expect(Set(numbers).count == 512)
    #expect(numbers == numbers.sorted())
    #expect(Set(numbers).isSubset(of: training))
    #expect(numbers == QuantizedNetwork.calibrationNumbers(of: training, seed: 1))
    #expect(numbers != QuantizedNetwork.calibrationNumbers(of: training, seed: 2))
    #expect(QuantizedNetwork.calibrationNumbers(of: [4, 2], seed: 1) == [2, 4])
  }
}
