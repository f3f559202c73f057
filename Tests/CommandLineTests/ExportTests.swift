import Foundation
import TestSupport
import Testing

@Suite struct ExportTests {
  @Test func aModelIsExportedForUse() throws {
    let place = try Workplace()
    let train = "train --model small.yaml --data data --epochs 3 --optimizer adam"
    #expect(try place.run("\(train) --weight-average 0.9 --checkpoint a.h5").status == 0)
    let outcome = try place.run("export a.h5 b.h5")
    #expect(outcome.status == 0)
    #expect(
      outcome.output.hasPrefix("b.h5: 0.0")
        && outcome.output.hasSuffix(" MB, the average weights\n"))
    #expect(try place.bytes("b.h5").count < (try place.bytes("a.h5").count))
    for command in ["evaluate", "predict"] {
      let flag = command == "evaluate" ? "--data data" : "--images data/t10k-images-idx3-ubyte"
      let (a, b) = (
        try place.run("\(command) a.h5 \(flag)"), try place.run("\(command) b.h5 \(flag)")
      )
      #expect(a.status == 0 && b.status == 0)
      #expect(
        a.output.replacingOccurrences(of: ", averaged weights", with: "")
          == b.output.replacingOccurrences(of: "b.h5", with: "a.h5"))
    }
    let inspection = try place.run("inspect b.h5 --json").json()
    #expect(inspection["resumable"] as? Bool == false)
    #expect(try place.run("inspect a.h5 --json").json()["resumable"] as? Bool == true)
    let resumed = try place.run("train --resume b.h5 --epochs 5")
    #expect(resumed.status == 65)
    #expect(
      resumed.errors
        == "error: b.h5: expected a state to resume from, found weights exported for use; train on"
        + " from them with --init, or resume the checkpoint they are from\n")
    #expect(
      try place.run("train --init b.h5 --data data --epochs 1 --checkpoint c.h5").status == 0)
    let again = try place.run("export a.h5 b.h5")
    #expect(again.status == 64)
    #expect(again.errors == "error: b.h5: already exists; --overwrite replaces it\n")
    let itself = try place.run("export a.h5 ./a.h5 --overwrite")
    #expect(itself.status == 64)
    #expect(
      itself.errors
        == "error: ./a.h5: is the checkpoint itself, whose run could no longer be resumed; name another file\n"
    )
    let last = try place.run("export a.h5 b.h5 --overwrite --weights last --json").json()
    #expect(last["weights"] as? String == "last" && last["file"] as? String == "b.h5")
    #expect(last["bytes"] as? Int == (try place.bytes("b.h5").count))
    #expect(try place.run("export c.h5 d.h5 --weights average").status == 65)
  }

  @Test func viewsAreAveraged() throws {
    let place = try Workplace()
    #expect(
      try place.run("train --model small.yaml --data data --epochs 3 --checkpoint a.h5").status
        == 0)
    // Views have spaces between them.
    func run(_ words: [String]) throws -> Program.Outcome {
      try Program("minicnn").run(words, in: place.folder.path)
    }
    func loss(_ flags: String...) throws -> Double {
      let json = try run(["evaluate", "a.h5", "--data", "data", "--json"] + flags).json()
      return try #require(json["loss"] as? Double)
    }
    let plain = try loss()
    #expect(abs(try loss("--views", "scale=1") - plain) < 1e-6)
    let shifted = try loss("--views", "right=1 rotation=30,scale=1.5")
    #expect(shifted != plain)
    #expect(try loss("--views", "right=1 rotation=30,scale=1.5", "--threads", "1") == shifted)
    let images = ["--images", "data/t10k-images-idx3-ubyte", "--index", "0"]
    let predicted = try run(["predict", "a.h5"] + images + ["--views", "right=1"])
    #expect(predicted.status == 0 && predicted.output.hasPrefix("image 0: "))
    let wrong = try run(["evaluate", "a.h5", "--data", "data", "--views", "turn=3"])
    #expect(wrong.status == 64)
    #expect(
      wrong.errors.hasPrefix(
        "error: --views: expected a key of rotation, scale, shear, down, right, found turn"))
  }
}
