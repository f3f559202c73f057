import Foundation
import TestSupport
import Testing

/// `predict --csv`.
@Suite struct SubmissionTests {
  private let images = "--images data/t10k-images-idx3-ubyte"

  private func workplace() throws -> Workplace {
    let place = try Workplace()
    let run = try place.run(
      "train --model small.yaml --data data --epochs 1 --checkpoint m.weights.h5")
    #expect(run.status == 0)
    return place
  }

  /// The class of each test image, as `--json` has it.
  private func classes(_ place: Workplace) throws -> [String] {
    let json = try place.run("predict m.weights.h5 \(images) --json").json()
    return (json["predictions"] as? [[String: Any]] ?? []).compactMap { $0["class"] as? String }
  }

  @Test func imagesOfAFileAreNumberedFromOne() throws {
    let place = try workplace()
    let outcome = try place.run("predict m.weights.h5 \(images) --csv out.csv")
    #expect(outcome.status == 0 && outcome.output == "")
    #expect(outcome.errors == "out.csv: 24 rows\n")
    let rows = try classes(place).enumerated().map { "\($0 + 1),\($1)\n" }
    #expect(rows.count == 24)
    #expect(
      String(decoding: try place.bytes("out.csv"), as: UTF8.self)
        == "ImageId,Label\n" + rows.joined())
    let again = try place.run("predict m.weights.h5 \(images) --csv out.csv")
    #expect(again.status == 64)
    #expect(
      again.errors == "error: out.csv: already exists; --overwrite replaces it\n")
    #expect(
      try place.run("predict m.weights.h5 \(images) --csv out.csv --overwrite").status == 0)
  }

  @Test func headerAndNumbersAreOnesOwn() throws {
    let place = try workplace()
    let outcome = try place.run(
      "predict m.weights.h5 \(images) --index 2 0 --csv - --csv-header id,digit --csv-first 0")
    #expect(outcome.status == 0 && outcome.errors == "")
    let classes = try classes(place)
    #expect(outcome.output == "id,digit\n2,\(classes[2])\n0,\(classes[0])\n")
  }

  @Test func picturesAreCalledByTheirFiles() throws {
    let place = try workplace()
    func picture(_ bar: Range<Int>) -> String {
      let rows = (0..<60).map { row in
        (0..<80).map { (15..<45).contains(row) && bar.contains($0) ? "20" : "220" }
          .joined(separator: " ")
      }
      return "P2 80 60 255\n" + rows.joined(separator: "\n") + "\n"
    }
    try FileManager.default.createDirectory(
      atPath: place("scans"), withIntermediateDirectories: true)
    try place.write(picture(30..<38), to: "scans/10.pgm")
    try place.write(picture(20..<28), to: "scans/2,a.pgm")
    let outcome = try place.run("predict m.weights.h5 scans --csv -")
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n")
    try #require(lines.count == 3)
    #expect(lines[1].hasPrefix("\"2,a.pgm\",") && lines[2].hasPrefix("10.pgm,"))
    // A table that lacks a row is none.
    try place.write(picture(0..<0), to: "scans/blank.pgm")
    let incomplete = try place.run("predict m.weights.h5 scans --csv out.csv")
    #expect(incomplete.status == 65)
    #expect(
      incomplete.errors.hasSuffix(
        "error: scans/blank.pgm: expected something to read, found nothing; --as-is takes pictures as they are\n"
      ))
    #expect(try !place.names.contains("out.csv"))
  }

  @Test(arguments: [
    ("--csv a.csv --json", "--csv and --json: use one of them"),
    ("--overwrite", "--overwrite goes with --csv"),
    ("--csv-header a,b", "--csv-header goes with --csv"),
    ("--csv-first 0", "--csv-first goes with --csv"),
    (
      "--csv a.csv --csv-header id",
      "--csv-header: expected two names with a comma between them, found \"id\""
    ),
  ])
  func flagsThatDoNotGoTogetherAreRefused(flags: String, problem: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try Program("minicnn").run(
      "predict m.weights.h5 \(images) \(flags)".split(separator: " ").map(String.init),
      in: folder.path)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("error: \(problem)\n"))
  }
}
