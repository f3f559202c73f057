import ImageData
import NeuralNetwork

extension CFormat {
  /// Sums of floats in another order, on processors that round products before they add them and on others that do not;
  /// none for integers, which are the same everywhere.
  public var tolerance: Float { quantized == nil ? 1e-4 : 0 }

  /// The network's own outputs, or what integers make of them.
  public func expectedScores(
    of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> [[Float]] {
    try quantized?.scores(images, numbers) ?? model.network.scores(images, numbers)
  }

  /// The file of a network that computes with 8-bit integers.
  static func file(
    of quantized: QuantizedNetwork, _ model: ExportedModel, fileName: String
  ) -> CFile {
    let name = CIdentifier(model.name)
    let program = QuantizedCProgram(quantized, prefix: name)
    let footprint = CFootprint(
      constantBytes: program.constantBytes, codeBytes: program.codeBytes,
      arenaBytes: program.arenaBytes, stackBytes: CFunction.integerStackBytes)
    return CFile(
      model: model, name: name, fileName: fileName, element: ("int8_t", 1),
      arenaBytes: program.arenaBytes, footprint: footprint,
      notes: [
        "Integers  8 bits, sums of 32; scores are integers times \(quantized.outputScale)",
        "          ranges from \(quantized.calibrationImages) training images",
      ],
      functions: program.functions.functions.map { $0.text(prefix: name) },
      constants: program.constants, body: program.statements,
      expected: quantized.scores(for: model.proof.image), tolerance: 0)
  }
}
