import Checkpoints
import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// The version: in the code, the changelog and what is saved.
@Suite struct VersionPromiseTests {
  @Test func theChangelogNamesTheVersion() throws {
    let text = try String(contentsOfFile: Repository.path("CHANGELOG.md"), encoding: .utf8)
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("## ") }
    #expect(headings.first == "## Unreleased")
    try #require(headings.count >= 2)
    let match = headings[1].wholeMatch(
      of: /## (?<version>[0-9]+\.[0-9]+\.[0-9]+) — (?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})/)
    let newest = try #require(match, "\(headings[1])")
    #expect(newest.version == LibraryVersion.current)
  }

  @Test func aStateOfAnotherVersionIsResumedAndSaidToBe() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data").status == 0)
    #expect(try place.inspect("small.weights.h5")["version"] as? String == LibraryVersion.current)
    var checkpoint = try Checkpoint(contentsOf: place("small.weights.h5"))
    let digest = try checkpoint.stateSHA256()
    checkpoint.version = "0.9.0"
    // Who saved it does not matter to what comes out.
    #expect(try checkpoint.stateSHA256() == digest)
    try checkpoint.save(to: place("old.weights.h5"))
    let resumed = try place.run("train --resume old.weights.h5 --epochs 3")
    #expect(resumed.status == 0)
    #expect(
      resumed.errors.contains(
        "warning: minicnn 0.9.0 saved old.weights.h5, and this is \(LibraryVersion.current): the last digits"
          + " may come out otherwise than they would have there\n"), "\(resumed.errors)")
    #expect(try place.inspect("old.weights.h5")["version"] as? String == LibraryVersion.current)
    let same = try place.run("train --resume small.weights.h5 --epochs 3")
    #expect(same.status == 0 && !same.errors.contains("warning: "))
    #expect(
      try place.inspect("old.weights.h5")["stateSHA256"] as? String
        == place.inspect("small.weights.h5")["stateSHA256"] as? String)
  }

  @Test(arguments: ["", "1.0 and more", "1\n", "v\u{1B}[31m", "123456789012345678901234567890123"])
  func whatIsNoVersionIsNotKept(text: String) throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data --epochs 1").status == 0)
    var checkpoint = try Checkpoint(contentsOf: place("small.weights.h5"))
    checkpoint.version = text
    #expect(throws: (any Error).self) { try checkpoint.verifySaveable() }
  }
}
