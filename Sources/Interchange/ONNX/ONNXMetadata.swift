import Files
import ImageData
import NeuralNetwork

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a file of ONNX says beside its graph: how its input is scaled, what its outputs stand for, and the proof.
struct ONNXMetadata {
  /// Names and texts, in the order in which they are written; arrays are JSON.
  private(set) var entries: [(key: String, value: String)] = []

  /// What is said of a model.
  init(_ model: ExportedModel, outputs: String) throws {
    let shape = model.network.inputShape
    let extents = (["N"] + shape.channelsFirst.map(String.init)).joined(separator: ", ")
    entries = [
      ("input", "float32 [\(extents)]: pixels from 0 to 255, each divided by input_divisor"),
      ("input_divisor", "255"),
      ("outputs", outputs),
      ("loss", model.model.loss.text),
    ]
    if !model.model.classNames.isEmpty {
      entries.append(("class_names", try Self.text(model.model.classNames)))
    }
    let proof = model.proof
    let image = proof.image.map(Int.init)
    entries += [
      ("weights_sha256", proof.weightsSHA256),
      // In the order of the input.
      ("test_image", try Self.text(image.channelsFirst(of: shape))),
      ("test_outputs", try Self.text(proof.scores.channelsFirst(of: model.network.outputShape))),
    ]
  }

  private static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

// MARK: Reading

extension ONNXModel {
  /// The loss that the model was trained with; cross-entropy where the file names none.
  ///
  /// - Throws: a `FileError` for one that is not known.
  func loss(path: String) throws(FileError) -> any Loss {
    guard let text = text("loss") else { return CrossEntropy() }
    do throws(SettingError) {
      return try LossRegistry.loss(text)
    } catch {
      throw FileError(
        .invalid, file: path, place: "metadata: loss", expected: error.expected,
        found: error.found)
    }
  }

  /// The names of the classes, none where the file has none.
  ///
  /// - Throws: a `FileError` where they are not as many as the outputs, or no names.
  func classNames(outputs: Int, path: String) throws(FileError) -> [String] {
    guard let text = text("class_names") else { return [] }
    let place = "metadata: class_names"
    guard let names = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
      throw FileError(
        .invalid, file: path, place: place, expected: "a list of names in JSON",
        found: "other text")
    }
    let checked = try ClassNames(checking: names, file: path, place: "\(place):")
    guard names.count == outputs else {
      throw FileError(
        .invalid, file: path, place: place, expected: "\(outputs) names, one for each output",
        found: "\(names.count)")
    }
    return checked.names
  }

  /// The test image and its outputs in our order; `nil` where the file has none.
  func proof(of network: Network) -> (image: [Int]?, scores: [Float]?) {
    func list<Element: Decodable>(_ key: String, _ shape: Shape) -> [Element]? {
      let numbers = text(key).flatMap {
        try? JSONDecoder().decode([Element].self, from: Data($0.utf8))
      }
      guard let numbers, numbers.count == shape.count else { return nil }
      return numbers.channelsLast(of: shape)
    }
    return (list("test_image", network.inputShape), list("test_outputs", network.outputShape))
  }

  private func text(_ key: String) -> String? { metadata.first { $0.key == key }?.value }
}
