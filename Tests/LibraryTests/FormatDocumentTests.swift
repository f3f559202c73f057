import Checkpoints
import Foundation
import MiniCNN
import TestSupport
import Testing

/// The reader in docs/formats.md, run by Python on a checkpoint.
@Suite struct FormatDocumentTests {
  private static let python = Program(at: "/usr/bin/python3")
  private static let hasHDF5 =
    (try? python.run(["-c", "import h5py"], in: "/"))?.status == 0

  private struct Facts: Decodable {
    let sha256: String
    let step: Int
    let classes: [String]
    let model: String
    let training: String
    let history: [String: [Double?]]
    let shapes: [String: [[Int]]]
  }

  /// What the reader finds, with the SHA-256 of the layers' numbers in the order of their names.
  private static let facts = """


    import json, math, sys
    found = read(sys.argv[1])
    digest = hashlib.sha256()
    for name in sorted(found["layers"]):
        for array in found["layers"][name]:
            digest.update(array.astype("<f4").tobytes())
    found["sha256"] = digest.hexdigest()
    found["shapes"] = {name: [list(array.shape) for array in arrays] for name, arrays in found.pop("layers").items()}
    found["history"] = {name: [None if math.isnan(x) else x for x in map(float, column)]
                        for name, column in found["history"].items() if column.dtype.kind == "f"}
    print(json.dumps(found))
    """

  private func reader() throws -> String {
    let text = try String(contentsOfFile: Repository.path("docs/formats.md"), encoding: .utf8)
    let parts = text.components(separatedBy: "```python\n")
    try #require(parts.count >= 2)
    return parts[1].components(separatedBy: "```")[0]
  }

  /// A run whose layers' names are in alphabetical order, as Python's reader lists them.
  private func checkpoint(in folder: TemporaryFolder) throws -> Checkpoint {
    let model = ModelSpec("small", input: [6, 6, 1]) {
      BatchNorm()
      Conv2D(filters: 3, kernel: 3)
      Conv2D(filters: 2, kernel: 2, bias: false)
      Flatten()
      Dense(units: 4)
    }
    let images = try ImageSet(
      pixels: (0..<24 * 36).map { UInt8(truncatingIfNeeded: $0 * 37) },
      labels: (0..<24).map { UInt8($0 % 4) }, height: 6, width: 6)
    var settings = TrainingSettings()
    (settings.epochs, settings.batchSize, settings.validationFraction) = (2, 5, 0.2)
    try Run(model: model, data: images, settings: settings, saving: folder("a.weights.h5")).train()
    return try Checkpoint(contentsOf: folder("a.weights.h5"))
  }

  @Test(.enabled(if: hasHDF5, "python3-h5py is not installed"))
  func theReaderReadsWhatTheLibraryWrote() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try checkpoint(in: folder)
    try folder.write("read.py", Array((try reader() + Self.facts).utf8))
    let outcome = try Self.python.run(["read.py", "a.weights.h5"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let facts = try JSONDecoder().decode(Facts.self, from: Data(outcome.output.utf8))
    #expect(facts.sha256 == checkpoint.state.network.weightsSHA256)
    #expect(facts.step == checkpoint.state.optimizer.step && facts.step == 8)
    #expect(facts.classes == checkpoint.classNames)
    #expect(facts.model == checkpoint.model.text)
    #expect(facts.training.contains("batch_size: 5\n"))
    #expect(facts.history["loss"] == checkpoint.state.history.map(\.loss))
    #expect(
      facts.history["validation_accuracy"] == checkpoint.state.history.map(\.validationAccuracy))
    #expect(
      facts.shapes == [
        "batch_normalization": [[1], [1], [1], [1]], "conv2d": [[3, 3, 1, 3], [3]],
        "conv2d_1": [[2, 2, 3, 2]], "dense": [[18, 4], [4]],
      ])
  }

  @Test(.enabled(if: hasHDF5, "python3-h5py is not installed"))
  func theReaderRefusesAFileThatIsDamaged() throws {
    let folder = try TemporaryFolder()
    _ = try checkpoint(in: folder)
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder("a.weights.h5"))))
    bytes[bytes.count / 2] ^= 1
    try folder.write("damaged.weights.h5", bytes)
    try folder.write("read.py", Array((try reader() + Self.facts).utf8))
    let outcome = try Self.python.run(["read.py", "damaged.weights.h5"], in: folder.path)
    #expect(
      outcome.status == 1 && outcome.errors.hasSuffix("AssertionError: the file is damaged\n"))
  }

  /// Every path that the library writes stands in the document.
  @Test func everyPathIsDescribed() throws {
    let text = try String(contentsOfFile: Repository.path("docs/formats.md"), encoding: .utf8)
    let folder = try TemporaryFolder()
    _ = try checkpoint(in: folder)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder("a.weights.h5"))))
    for entry in try HDF5Arrays(image: bytes).entries where entry.path.hasPrefix("/minicnn/") {
      let name = entry.path.split(separator: "/").last ?? ""
      #expect(text.contains("\(name)`"), "\(entry.path)")
    }
  }
}
