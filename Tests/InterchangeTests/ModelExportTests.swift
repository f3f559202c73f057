import Files
import Foundation
import ImageData
import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// A format of a user's: the outputs for the images it will be asked for, plus an error.
private struct Answers: ExportFormat {
  static let name = "answers"
  static let endings = [".answers"]
  static let help = "for tests"
  var error: Float = 0

  func files(of model: ExportedModel, at path: String) -> [ExportedFile] {
    [
      ExportedFile(path: path, bytes: Array("\(model.proof.scores)".utf8)),
      ExportedFile(path: path + ".txt", bytes: Array(model.name.utf8)),
    ]
  }

  func scores(
    _ files: [ExportedFile], of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> ExportScores {
    let scores = try expectedScores(of: model, images, numbers)
    return .scores(scores.map { $0.map { $0 + error } })
  }
}

@Suite struct ModelExportTests {
  private let network: Network
  private let images: ImageSet

  init() throws {
    network = try Network(
      ModelSpec("small", input: [3, 3, 1]) {
        Flatten(); Dense(units: 2)
      }, seed: 3)
    images = try .synthetic(for: network, count: 7)
  }

  @Test func filesAreComparedBeforeTheyAreWritten() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.answers"
    let export = try ModelExport(
      TrainedModel(network: network), as: Answers(), to: path, checkedOn: images)
    #expect(export.files.map(\.path) == [path, path + ".txt"])
    guard case .done(let check) = export.verification else {
      Issue.record("not compared")
      return
    }
    #expect(check.images == 7 && check.sameClass == 7 && check.largestDifference == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
    try export.write()
    #expect(try WholeFile.read(path + ".txt") == Array("small".utf8))
  }

  @Test func aFileThatComputesOtherOutputsIsAnError() throws {
    let complaint = TestSupport.complaint {
      _ = try ModelExport(
        TrainedModel(network: network), as: Answers(error: 0.001), to: "x.answers",
        checkedOn: images)
    }
    #expect(
      complaint.hasPrefix(
        "x.answers: image ")
        && complaint.contains("expected the outputs of small, within 1e-05, found others, by 0.00"))
    let export = try ModelExport(
      TrainedModel(network: network), as: Answers(error: 0.001), to: "x.answers",
      checkedOn: images, verifies: false)
    #expect(export.verification == .skipped)
  }

  @Test func weightsThatAreNoNumbersAreNotExported() throws {
    var broken = network
    let entry = try #require(broken.layout.entries.last)
    broken.setValues([.nan, 0], of: entry)
    let complaint = TestSupport.complaint {
      _ = try ModelExport(
        TrainedModel(network: broken), as: Answers(), to: "x.answers", checkedOn: images)
    }
    #expect(complaint == "the weights of layer dense are no longer finite")
  }
}
