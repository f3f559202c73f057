import Foundation
import TestSupport
import Testing

/// `predict` with pictures of one's own.
@Suite struct PredictPicturesTests {
  /// A trained model of 8×8 pixels, and pictures of bars: `bar.pgm`, `two.pgm`, `blank.pgm`.
  private func workplace() throws -> Workplace {
    let place = try Workplace()
    let run = try place.run(
      "train --model small.yaml --data data --epochs 1 --checkpoint m.weights.h5")
    #expect(run.status == 0)
    func picture(_ columns: [Range<Int>]) -> String {
      let rows = (0..<60).map { row in
        (0..<80).map { column in
          (15..<45).contains(row) && columns.contains { $0.contains(column) } ? "20" : "220"
        }.joined(separator: " ")
      }
      return "P2 80 60 255\n" + rows.joined(separator: "\n") + "\n"
    }
    try place.write(picture([30..<38]), to: "bar.pgm")
    try place.write(picture([15..<23, 50..<58]), to: "two.pgm")
    try place.write(picture([]), to: "blank.pgm")
    return place
  }

  @Test func aPictureIsReadAndDrawn() throws {
    let place = try workplace()
    let outcome = try place.run("predict m.weights.h5 bar.pgm")
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n")
    try #require(lines.count == 6)
    #expect(lines[0].hasPrefix("bar.pgm: ") && lines[0].hasSuffix(" %)"))
    #expect(lines[1].hasPrefix("dark on light, 8 by 30 pixels at 30, 15, strokes "))
    #expect(lines[2...].allSatisfy { $0.count == 8 } && lines[3].contains("█"))
    let blank = try place.run("predict m.weights.h5 blank.pgm")
    #expect(blank.status == 0 && blank.output.hasPrefix("blank.pgm: nothing found\n"))
    #expect(
      blank.errors
        == "warning: blank.pgm: nothing stands out from the paper; is the writing too faint, or out"
        + " of focus?\n")
  }

  @Test func jsonHasAnEntryForEachFile() throws {
    let place = try workplace()
    let outcome = try place.run("predict m.weights.h5 bar.pgm none.pgm blank.pgm --json")
    #expect(outcome.status == 66)
    #expect(outcome.errors == "error: none.pgm: cannot open: no such file or directory\n")
    let entries = try #require(try outcome.json()["predictions"] as? [[String: Any]])
    try #require(entries.count == 3)
    #expect(entries.map { $0["file"] as? String } == ["bar.pgm", "none.pgm", "blank.pgm"])
    #expect(
      Set(entries[0].keys) == [
        "file", "class", "probability", "probabilities", "prepared", "warnings",
      ])
    let prepared = try #require(entries[0]["prepared"] as? [String: Any])
    #expect(
      Set(prepared.keys) == [
        "method", "box", "scale", "polarity", "paper", "strokeWidth", "thickening",
      ])
    #expect(prepared["method"] as? String == "fitted")
    #expect(prepared["polarity"] as? String == "darkOnLight")
    #expect(
      entries[1]["error"] as? String == "none.pgm: cannot open: no such file or directory")
    #expect(Set(entries[2].keys) == ["file", "prepared", "warnings"])
    let warnings = try #require(entries[2]["warnings"] as? [[String: String]])
    #expect(warnings.map { $0["name"] } == ["noInk"])
  }

  @Test func severalDigitsAreListed() throws {
    let place = try workplace()
    let entries = try #require(
      try place.run("predict m.weights.h5 two.pgm --many --json").json()["predictions"]
        as? [[String: Any]])
    let digits = try #require(entries.first?["digits"] as? [[String: Any]])
    #expect(digits.count == 2 && digits.allSatisfy { $0["class"] != nil })
    let text = try place.run("predict m.weights.h5 two.pgm --many").output
    #expect(text.contains("\ntwo.pgm, 1: ") && text.contains("\ntwo.pgm, 2: "))
    let one = try place.run("predict m.weights.h5 two.pgm")
    #expect(
      one.errors.contains("warning: two.pgm: it seems to hold 2 digits, and is read as one\n"))
  }

  @Test func foldersAreReadInNaturalOrder() throws {
    let place = try workplace()
    try FileManager.default.createDirectory(
      atPath: place("shots"), withIntermediateDirectories: true)
    for name in ["10.pgm", "2.pgm"] {
      try place.write(try place.bytes("bar.pgm"), to: "shots/\(name)")
    }
    try place.write([0x47, 0x49, 0x46, 0x38, 0x39, 0x61], to: "shots/7.gif")
    let outcome = try place.run("predict m.weights.h5 shots/ --as-is")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.contains(
        "error: shots/7.gif: expected a PNG, JPEG or PGM picture, found a GIF file; save it as PNG or"
          + " JPEG\n"))
    let names = outcome.output.split(separator: "\n").filter { $0.hasPrefix("shots/") }
    #expect(names.map { $0.prefix { $0 != ":" } } == ["shots/2.pgm", "shots/10.pgm"])
    #expect(outcome.output.contains("\nall of it scaled, as it is\n"))
  }

  @Test func standardInputIsAPicture() throws {
    let place = try workplace()
    // The tests' programs have nothing there.
    let outcome = try place.run("predict m.weights.h5 -")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors
        == "error: standard input: expected a PNG, JPEG or PGM picture, found an empty file\n")
  }

  @Test(arguments: [
    (
      "bar.pgm --images data/t10k-images-idx3-ubyte",
      "--images names a file of images; use it or pictures, not both"
    ),
    ("bar.pgm --as-is --many", "--many looks for digits, and --as-is for none; use one of them"),
    (
      "--images data/t10k-images-idx3-ubyte --many",
      "--many goes with pictures, not with --images"
    ),
    ("bar.pgm --index 3", "--index goes with --images"),
  ])
  func flagsThatDoNotGoTogether(command: String, line: String) throws {
    let place = try Workplace()
    let outcome = try place.run("predict m.weights.h5 \(command)")
    #expect(outcome.status == 64)
    #expect(outcome.errors == "error: \(line)\nsee: minicnn help predict\n")
  }

  @Test func aModelOfOtherChannelsTakesNoPictures() throws {
    let place = try Workplace()
    try place.write(
      Workplace.model.replacingOccurrences(of: "[8, 8, 1]", with: "[8, 4, 2]"), to: "two.yaml")
    let bytes = try place.bytes("data/train-images-idx3-ubyte")
    // The same bytes as 8×4 pixels of two channels.
    let header: [UInt8] = [0, 0, 8, 4, 0, 0, 0, 96, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 2]
    try place.write(header + bytes.dropFirst(16), to: "images")
    let trained = try place.run(
      "train --model two.yaml --images images --labels data/train-labels-idx1-ubyte --epochs 1 --checkpoint m.weights.h5"
    )
    #expect(trained.status == 0)
    try place.write("P2 1 1 255 0", to: "p.pgm")
    let outcome = try place.run("predict m.weights.h5 p.pgm")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors == "error: m.weights.h5: small takes 8×4×2; a picture has 1 or 3 channels\n")
  }
}
