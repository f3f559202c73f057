import Foundation
import TestSupport
import Testing

/// A folder to work in, and beside it an installation with a model `small`, trained, a model `raw`, not
/// trained, and data `tiny` and `other`.
struct Installed {
  let place: Workplace
  let empty: TestSupport.TemporaryFolder

  init() throws {
    place = try Workplace()
    empty = try TestSupport.TemporaryFolder()
    let share = place("prefix/share/minicnn")
    for folder in ["prefix/bin", "prefix/share/minicnn/Models", "prefix/share/minicnn/Datasets"] {
      try FileManager.default.createDirectory(
        atPath: place(folder), withIntermediateDirectories: true)
    }
    #expect(
      try place.run("train --model small.yaml --data data --checkpoint a.weights.h5").status == 0)
    try place.write(
      Workplace.model.replacing("name: small", with: "name: raw")
        .replacing("momentum: 0.9", with: "momentum: 0.8"), to: "raw.yaml")
    let other = try Workplace(images: 48)
    for (file, target) in [
      (Program.path(of: "minicnn"), place("prefix/bin/minicnn")),
      (place("small.yaml"), "\(share)/Models/small.yaml"),
      (place("raw.yaml"), "\(share)/Models/raw.yaml"),
      (place("a.weights.h5"), "\(share)/Models/small.weights.h5"),
      (place("data"), "\(share)/Datasets/tiny"),
      (other("data"), "\(share)/Datasets/other"),
    ] {
      try FileManager.default.copyItem(atPath: file, toPath: target)
    }
  }

  var share: String { place("prefix/share/minicnn") }

  func run(
    _ command: String, in folder: String? = nil, environment: [String: String] = [:]
  ) throws -> Program.Outcome {
    try Program(at: place("prefix/bin/minicnn")).run(
      command.split(separator: " ").map { $0 == "\"\"" ? "" : String($0) },
      in: folder ?? empty.path,
      environment: environment)
  }
}
