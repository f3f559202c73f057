import Foundation
import TestSupport
import Testing

@Suite struct ReportTests {
  private static let train = "train --model small.yaml --data data --checkpoint a.h5"

  private static func page(_ place: Workplace, _ name: String) throws -> String {
    String(decoding: try place.bytes(name), as: UTF8.self)
  }

  @Test func mistakesAreThoseOfEvaluate() throws {
    let place = try Workplace()
    #expect(try place.run("\(Self.train) --epochs 1 --learning-rate 0.003").status == 0)
    let outcome = try place.run("report a.h5 --data data -o report.html")
    #expect(outcome.status == 0)
    let evaluation = try place.run("evaluate a.h5 --data data --json").json()
    let mistakes = try #require(evaluation["mistakes"] as? [[String: Any]])
    let correct = try #require(evaluation["correct"] as? Int)
    #expect(!mistakes.isEmpty && mistakes.count == 24 - correct)
    let lines = try Self.page(place, "mistakes.csv").split(separator: "\n")
    #expect(lines[0] == "index,class,predicted,confidence,classConfidence")
    #expect(lines.count == mistakes.count + 1)
    for (line, mistake) in zip(lines.dropFirst(), mistakes) {
      let fields = line.split(separator: ",")
      #expect(Int(fields[0]) == mistake["index"] as? Int)
      #expect(fields[1] == "\"\(mistake["class"] ?? "")\"")
      #expect(fields[2] == "\"\(mistake["predicted"] ?? "")\"")
      #expect(Float(fields[3]) == (mistake["confidence"] as? Double).map { Float($0) })
      #expect(Float(fields[4]) == (mistake["classConfidence"] as? Double).map { Float($0) })
    }
    let page = try Self.page(place, "report.html")
    #expect(page.contains("Trained for 1 epoch."))
    #expect(
      page.contains("minicnn train --model small.yaml --data data --learning-rate 0.003 --epochs 1")
    )
    #expect(outcome.output.hasSuffix(" MB) and mistakes.csv\n"))
    let again = try place.run("report a.h5 --data data -o report.html")
    #expect(again.status == 64)
    #expect(
      again.errors
        == "error: report.html: already exists; --overwrite replaces it, --output names another\n")
    let json = try place.run("report a.h5 --data data -o report.html --overwrite --json").json()
    #expect(json["accuracy"] as? Double == evaluation["accuracy"] as? Double)
    #expect(json["bytes"] as? Int == page.utf8.count && json["file"] as? String == "report.html")
    #expect(try Self.page(place, "report.html") == page)
  }

  @Test func aRunThatWasStoppedIsReported() throws {
    let place = try Workplace()
    #expect(try place.run("\(Self.train) --max-steps 8").status == 0)
    #expect(try place.run("report a.h5 --data data -o stopped.html").status == 0)
    #expect(
      try Self.page(place, "stopped.html").contains(
        "Not finished: 1 of 2 epochs and 2 batches done."))
    let patient = "--overwrite --epochs 9 --patience 1 --learning-rate 0 --validation-fraction 0.2"
    #expect(try place.run("\(Self.train) \(patient)").status == 0)
    #expect(try place.run("report a.h5 --data data -o early.html --overwrite").status == 0)
    let early = try Self.page(place, "early.html")
    #expect(early.contains("Stopped early after 2 of 9 epochs: the validation got no better."))
    #expect(early.contains("best: epoch 1"))
  }

  @Test func nothingIsWrittenWhereSomethingIsWrong() throws {
    let place = try Workplace()
    #expect(try place.run("\(Self.train) --epochs 1").status == 0)
    let before = try place.names
    let missing = try place.run("report a.h5 --data data -o nowhere/report.html")
    #expect(missing.status == 74)
    #expect(missing.errors == "error: nowhere/report.html: the folder nowhere does not exist\n")
    let last = try place.run("see a.h5 --data data --index 24")
    #expect(last.status == 64)
    #expect(
      last.errors
        == "error: --index: expected 0 to 23, the last image of data/t10k-images-idx3-ubyte, found 24\n"
    )
    #expect(try place.run("see a.h5 --data data --index -1").status == 64)
    #expect(try place.names == before)
  }

  @Test func thePageIsNotReplacedByItsList() throws {
    let place = try Workplace()
    #expect(try place.run("\(Self.train) --epochs 1").status == 0)
    let before = try place.names
    let outcome = try place.run("report a.h5 --data data -o ./mistakes.csv")
    #expect(outcome.status == 64)
    #expect(
      outcome.errors
        == "error: ./mistakes.csv: is to hold two things at once; --output names another file\n")
    #expect(try place.names == before)
  }

  @Test func theCommandNamesTheDataThatItTrainedOn() throws {
    let place = try Workplace()
    #expect(try place.run("\(Self.train) --epochs 1").status == 0)
    let pair = "--images data/t10k-images-idx3-ubyte --labels data/t10k-labels-idx1-ubyte"
    #expect(try place.run("report a.h5 \(pair)").status == 0)
    let page = try Self.page(place, "report.html")
    #expect(page.contains("--model small.yaml --data \(place("data")) --epochs 1"))
    #expect(!page.contains("--images data"))
  }

  @Test func aPictureOfOnesOwnIsSeen() throws {
    let place = try Workplace()
    #expect(try place.run("\(Self.train) --epochs 1").status == 0)
    let paper = (0..<1600).map {
      ($0 % 40) / 8 == 2 && (5..<35).contains($0 / 40) ? UInt8(30) : 220
    }
    try place.write(Array("P5 40 40 255\n".utf8) + paper, to: "one.pgm")
    let outcome = try place.run("see a.h5 one.pgm -o one.html")
    #expect(outcome.status == 0)
    #expect(try Self.page(place, "one.html").contains("It began as one.pgm."))
    #expect(try place.run("see a.h5 one.pgm --as-is -o scaled.html").status == 0)
    #expect(try place.bytes("scaled.html") != (try place.bytes("one.html")))
    let both = try place.run("see a.h5 one.pgm --index 3")
    #expect(both.status == 64)
    #expect(
      both.errors.hasPrefix(
        "error: --index names a test image; use it or a picture of yours, not both\n"))
    let missing = try place.run("see a.h5 two.pgm")
    #expect(missing.status == 66)
    #expect(!(try place.names.contains("see.html")))
  }

  @Test func aLayerThatAPageCannotComputeIsNamed() throws {
    let place = try Workplace(
      model: """
        name: wide
        input: [8, 8, 1]
        layers:
          - conv2d: {filters: 2, kernel: 3, name: narrow}
          - conv2d_transpose: {filters: 2, kernel: 3, name: wide}
          - flatten
          - dense: {units: 4}
        training: {epochs: 1}

        """)
    #expect(try place.run(Self.train).status == 0)
    let outcome = try place.run("see a.h5 --data data")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors
        == "error: a.h5: layer wide: a page cannot compute conv2d_transpose with these settings\n")
    // What needs no layers in the page is written all the same.
    #expect(try place.run("report a.h5 --data data").status == 0)
  }

  @Test func seeShowsTheImageThatWasAskedFor() throws {
    let place = try Workplace()
    #expect(try place.run(Self.train).status == 0)
    let outcome = try place.run("see a.h5 --index 3 --json")
    #expect(outcome.status == 0)
    let page = try Self.page(place, "see.html")
    #expect(page.contains("image 3 of"))
    #expect(try outcome.json()["bytes"] as? Int == page.utf8.count)
    #expect(try outcome.json()["file"] as? String == "see.html")
  }
}
