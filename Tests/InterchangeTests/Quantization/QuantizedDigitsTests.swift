import ImageData
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// The weights of the repository with integers, on digits that they were not calibrated with.
@Suite struct QuantizedDigitsTests {
  @Test(arguments: ["lenet5", "digits-fast"])
  func aThousandDigitsLoseAtMostTwo(_ name: String) throws {
    let (model, training, test) = try QuantizationSupport.digits(name)
    let all = (0..<Int32(training.count)).map { $0 }
    let quantized = try QuantizedNetwork(
      model, calibration: training,
      numbers: QuantizedNetwork.calibrationNumbers(of: all, seed: 1))
    let report = QuantizationReport(quantized, on: test, numbers: Array(0..<1000))
    try report.check()
    #expect(report.floatAccuracy > 0.97)
    #expect(report.loss <= 0.002, "\(report.text)")

    let exported = try ExportedModel(model, image: test.pixelBytes(0))
    let format = CFormat(quantized: quantized)
    let files = try format.files(of: exported, at: "model.c")
    let numbers: [Int32] = Array(0..<200)
    guard case .scores(let found) = try format.scores(files, of: exported, test, numbers) else {
      Issue.record("there is no C compiler")
      return
    }
    #expect(found == quantized.scores(test, numbers))
  }

  @Test func digitsTinyFitsTwelveKilobytes() throws {
    let spec = try ModelFile(contentsOf: Repository.path("Models/digits-tiny.yaml")).spec
    let (quantized, _) = try QuantizationSupport.quantized(spec, images: 2)
    // 8,460 weights, and 9 bytes for each of 76 outputs and 5 for the average's factor.
    #expect(quantized.constantBytes == 8_370 + 9 * 76 + 5)
    #expect(quantized.constantBytes <= 12 * 1024)
  }
}
