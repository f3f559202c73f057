import Foundation
import TestSupport
import Testing

/// The commands that recipes are made with.
@Suite struct RecipeTests {
  @Test func twoModelsAreCompared() throws {
    let place = try Workplace()
    #expect(
      try place.run("train --model small.yaml --data data --epochs 20 --checkpoint a.h5").status
        == 0)
    #expect(
      try place.run("train --model small.yaml --data data --epochs 1 --checkpoint b.h5").status == 0
    )
    let json = try place.run("compare a.h5 b.h5 --data data --json").json()
    let counts = ["bothRight", "onlyFirst", "onlySecond", "bothWrong"].compactMap {
      json[$0] as? Int
    }
    #expect(counts.count == 4 && counts.reduce(0, +) == 24)
    let first = try #require(json["first"] as? [String: Any])
    #expect(first["accuracy"] as? Double == Double(counts[0] + counts[1]) / 24)
    #expect(first["weights"] as? String == "last")
    let p = try #require(json["pValue"] as? Double)
    #expect(p > 0 && p <= 1)
    let same = try place.run("compare a.h5 a.h5 --data data")
    #expect(same.status == 0)
    #expect(
      same.output.hasSuffix(
        "McNemar's exact test: p = 1.0, no significant difference\n"), "\(same.output)")
  }

  @Test func aRateIsSuggested() throws {
    let place = try Workplace()
    let command = "find-rate --model small.yaml --data data --optimizer sgd --steps 100 --to 100"
    let json = try place.run("\(command) --json").json()
    let points = try #require(json["points"] as? [[String: Any]])
    #expect(points.count <= 100)
    let suggestion = try #require(json["suggestion"] as? Double)
    #expect(suggestion > 1e-6 && suggestion < 100)
    #expect(json["steepest"] as? Double == suggestion)
    let text = try place.run(command)
    #expect(text.output.contains("▲"))
    #expect(text.output.contains("suggested for sgd with constant: --learning-rate "))
    // The loss is least at the last rate, of which a tenth says nothing.
    let end = try place.run("\(command) --schedule one_cycle --json").json()
    #expect(end["suggestion"] is NSNull)
    let cycle = try place.run("\(command) --to 1e6 --schedule one_cycle --json").json()
    #expect(cycle["diverged"] as? Bool == true)
    let steepest = try #require(cycle["steepest"] as? Double)
    let lowest = try #require(cycle["lowest"] as? Double)
    let suggested = try #require(cycle["suggestion"] as? Double)
    #expect(abs(suggested / max(steepest, lowest / 10) - 1) < 1e-12)
    let flat = try place.run("\(command) --to 2e-6 --json").json()
    #expect(flat["diverged"] as? Bool == false)
    #expect(flat.keys.sorted() == ["diverged", "lowest", "points", "steepest", "suggestion"])
    let bad = try place.run("find-rate --model wrong.yaml --data data")
    #expect(bad.status == 66)
  }

  @Test func aPreviewIsAPicture() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "data preview --data data --augmentation shift=1,flip=horizontal --rows 3 --columns 2"
        + " --magnification 2 --output seen.png --seed 4")
    #expect(outcome.status == 0)
    #expect(
      outcome.output
        == "saved seen.png: 3 images, 2 epochs of seed 4, augmentation shift=1.0,flip=horizontal,"
        + " mixup 0.0\n")
    #expect(
      outcome.errors
        == "warning: augmentation: flip=horizontal: data has no classes.txt to say what the classes"
        + " are; a mirrored shirt is a shirt, but a mirrored 2 is no digit\n")
    let bytes = try place.bytes("seen.png")
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    let again = try place.run("data preview --data data --output seen.png")
    #expect(again.status == 64)
    #expect(
      again.errors
        == "error: seen.png: already exists; --overwrite replaces it, --output names another\n")
    #expect(try place.bytes("seen.png") == bytes)
    // Width and height: three images of 8 pixels, two to a pixel, with gaps of 2.
    #expect(Array(bytes[16..<24]) == [0, 0, 0, 56, 0, 0, 0, 56])
  }

  @Test func aFlipIsDoubtedAsFarAsNamesTell() throws {
    let place = try Workplace()
    let command =
      "data preview --data data --augmentation flip=both --rows 1 --columns 1 --overwrite"
    try place.write("0\n1\n2\n3\n", to: "data/classes.txt")
    #expect(
      try place.run(command).errors
        == "warning: augmentation: flip=both: data's classes.txt names the classes by numbers; a"
        + " mirrored shirt is a shirt, but a mirrored 2 is no digit\n")
    try place.write("shirt\ncoat\nbag\nboot\n", to: "data/classes.txt")
    #expect(try place.run(command).errors == "")
    let pair = "--images data/train-images-idx3-ubyte --labels data/train-labels-idx1-ubyte"
    #expect(
      try place.run("data preview \(pair) --augmentation flip=both --overwrite").errors
        == "warning: augmentation: flip=both: nothing says what the classes are; a mirrored shirt is"
        + " a shirt, but a mirrored 2 is no digit\n")
  }

  @Test func aPictureTooLargeIsRefused() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "data preview --data data --rows 200 --columns 200 --magnification 16")
    #expect(outcome.status == 64)
    #expect(
      outcome.errors
        == "error: a picture of 28,960 by 13,840 pixels is too large (at most 67,108,864 in all);"
        + " ask for fewer --rows or --columns, or less --magnification\n")
  }

  @Test func ratesThatAreTooLargeFromTheStartAreTold() throws {
    let outcome = try Workplace().run(
      "find-rate --model small.yaml --data data --optimizer sgd --steps 20 --from 1000 --to 2000")
    #expect(outcome.status == 0)
    #expect(
      outcome.output.hasSuffix(
        "the loss is lowest too soon to see it fall, so no rate is suggested; try a smaller --from\n"
      ))
  }

  @Test func averagedWeightsAreUsedUnlessTheLastAreAskedFor() throws {
    let place = try Workplace()
    #expect(
      try place.run("train --model small.yaml --data data --weight-average 0.9").status == 0)
    let average = try place.run("evaluate small.weights.h5 --json").json()
    let last = try place.run("evaluate small.weights.h5 --json --weights last").json()
    #expect(average["weights"] as? String == "average")
    #expect(last["weights"] as? String == "last")
    #expect(average["loss"] as? Double != last["loss"] as? Double)
    #expect(
      try place.run("evaluate small.weights.h5").output.hasSuffix(", averaged weights\n"))

    #expect(try place.run("train --model small.yaml --data data --checkpoint c.h5").status == 0)
    let without = try place.run("evaluate c.h5 --weights average")
    #expect(without.status == 65)
    #expect(
      without.errors
        == "error: c.h5: the run kept no average of its weights (train with --weight-average)\n")
  }

  @Test func aRunWithEverythingResumesToTheSameBits() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "verify-resume --model small.yaml --data data --epochs 2 --kills 2 --mixup 0.4"
        + " --weight-average 0.9 --augmentation shift=1,rotation=10,elastic=0.5,erase=0.3"
        + " --schedule plateau:factor=0.5,patience=1 --validation-fraction 0.25 --l1 0.0001")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
