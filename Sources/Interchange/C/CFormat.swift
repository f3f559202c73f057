import Files
import ImageData
import NeuralNetwork

/// One C99 file that computes a model, for a microcontroller, a web page or whatever has a C compiler: in floats, or
/// with 8-bit integers.
///
/// It needs no runtime, no heap and no header but `<stdint.h>`, and `<math.h>` where a layer does. Batch normalization
/// goes into the weights before it, so scores differ from the model's by rounding, some 1e-6 of their size.
public struct CFormat: ExportFormat {
  /// `c`.
  public static let name = "c"
  /// `.c`.
  public static let endings = [".c"]
  /// What it is for.
  public static let help =
    "one C99 file without dependencies, for microcontrollers and anything else"

  /// The most parameters: as many as a compiler still takes in a text.
  public static let largestCount = 1 << 23

  /// What computes the model with 8-bit integers; `nil` where floats do.
  public let quantized: QuantizedNetwork?

  /// The format of floats.
  public init() { quantized = nil }

  /// The format of 8-bit integers, for the model that `quantized` was made of. Scores are the bits that it gives.
  public init(quantized: QuantizedNetwork) { self.quantized = quantized }

  /// The file of a model.
  ///
  /// - Throws: a `ModelError` where a layer is not one that comes with MiniCNN, where a number of it is not finite,
  ///   or where it is too large for a text.
  public func files(
    of model: ExportedModel, at path: String
  ) throws(ModelError) -> [ExportedFile] {
    [ExportedFile(path: path, bytes: Array(try file(of: model, at: path).text.utf8))]
  }

  /// What the file of a model takes of the machine that runs it.
  ///
  /// - Throws: what ``files(of:at:)`` does.
  public func footprint(of model: ExportedModel) throws(ModelError) -> CFootprint {
    try file(of: model, at: "model.c").footprint
  }

  /// Flash and RAM.
  public func remarks(on model: ExportedModel) throws(ModelError) -> [String] {
    let footprint = try footprint(of: model)
    return [
      "flash: \(footprint.constantBytes) bytes of constants, at most \(footprint.codeBytes) of code (Cortex-M, -Os)",
      "RAM: \(footprint.arenaBytes) bytes of arena, at most \(footprint.stackBytes) of stack",
    ]
  }

  private func file(
    of model: ExportedModel, at path: String
  ) throws(ModelError) -> CFile {
    guard model.network.parameterCount <= Self.largestCount else {
      throw ModelError(
        "expected at most \(Self.largestCount) parameters for a C file, found"
          + " \(model.network.parameterCount)")
    }
    if let quantized { return Self.file(of: quantized, model, fileName: Self.fileName(path)) }
    let name = CIdentifier(model.name)
    let program = CProgram(try CGraph(model.network), prefix: name)
    let functions = program.functions.functions
    let footprint = CFootprint(
      constantBytes: program.constantBytes, codeBytes: program.codeBytes,
      arenaBytes: 4 * program.arenaCount, stackBytes: CFunction.stackBytes)
    return CFile(
      model: model, name: name, fileName: Self.fileName(path), element: ("float", 4),
      arenaBytes: footprint.arenaBytes, footprint: footprint,
      needsMath: functions.contains(where: \.needsMath),
      functions: functions.map { $0.text(prefix: name) }, constants: program.constants,
      body: program.statements, expected: model.proof.scores, tolerance: 1e-4)
  }

  private static func fileName(_ path: String) -> String {
    let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map {
      path[path.utf8.index(after: $0)...]
    }
    return String(name ?? path[...])
  }
}
