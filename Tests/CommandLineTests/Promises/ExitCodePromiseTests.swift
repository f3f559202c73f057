import Files
import Foundation
import Platform
import TestSupport
import Testing

@testable import CommandLineTool

/// The exit codes: each is provoked, and stands in the document and the help.
@Suite struct ExitCodePromiseTests {
  @Test func theDocumentAndTheHelpHaveThemAll() throws {
    let text = try String(
      contentsOfFile: Repository.path("docs/compatibility.md"), encoding: .utf8)
    let rows = Failure.Code.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }
    #expect(
      text.contains(rows.joined(separator: "\n")),
      "docs/compatibility.md should have:\n\(rows.joined(separator: "\n"))")
    let numbers: [Int32] = [0, 1, 64, 65, 66, 74, 129, 130, 131, 143]
    #expect(Failure.Code.allCases.map(\.rawValue) == numbers)
    let help = try Program("minicnn").run(["--help"], in: "/").output
    #expect(help.contains("EXIT CODES\n  0    done\n  1    training or a check failed\n"))
  }

  @Test func errorsEndWithTheirs() throws {
    let place = try Workplace()
    try place.write("name: broken\n", to: "broken.yaml")
    for (command, status) in [
      ("summary small.yaml --no-time", Failure.Code.done),
      ("train --model small.yaml --data data --learning-rate 1e30", .failed),
      ("train --epoch 3", .usage), ("summary broken.yaml", .data), ("summary none.yaml", .noInput),
    ] {
      #expect(try place.run(command).status == status.rawValue, "\(command)")
    }
    if WholeFile.exists("/dev/full") {
      let outcome = try Program("minicnn").run(
        ["summary", "small.yaml", "--no-time"], in: place.folder.path, output: "/dev/full")
      #expect(outcome.status == Failure.Code.inputOutput.rawValue)
    }
  }

  @Test(
    arguments: [
      (SIGHUP, Failure.Code.hangup), (SIGINT, .interrupt), (SIGQUIT, .quit),
      (SIGTERM, .termination),
    ])
  func signalsEndWithTheirsAndAState(number: Int32, status: Failure.Code) throws {
    // As whoever runs the tests with nohup wants it.
    if number == SIGHUP && ignoresSignal(SIGHUP) { return }
    let place = try Workplace(images: 6000)
    let outcome = try place.run(
      "train --model small.yaml --data data --epochs 200000 --threads 1 --checkpoint-every 20"
    ) { process in
      place.waitForText(in: "small.weights.h5")
      kill(process, number)
    }
    #expect(outcome.status == status.rawValue)
    #expect(outcome.errors.contains("resume with: minicnn train --resume small.weights.h5\n"))
    #expect(try place.inspect("small.weights.h5")["epochs"] as? Int == 200_000)
  }
}
