import Foundation
import ImageData
import TestSupport
import Testing

/// The keys of every command's `--json`, from runs of the tool.
@Suite struct JSONPromiseTests {
  private static let test = "--images data/t10k-images-idx3-ubyte"
  private static let testPair = "\(test) --labels data/t10k-labels-idx1-ubyte"

  @Test func noKeyGoesAndNoneChangesItsType() throws {
    var lines: [String] = []
    lines += try trained()
    lines += try ofModelFiles()
    lines += try ofOtherFiles()
    lines += try ofPictures()
    lines += try ofExperiments()
    let promises = RecordedPromises(
      "Tests/CommandLineTests/Promises/Fixtures/json-keys.txt", of: "a key of --json")
    let complaints = try promises.complaints(about: lines)
    #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
    let commands = Set(lines.compactMap { $0.split(separator: "\t").first.map(String.init) })
    #expect(commands == Set(try CommandLineOptions.commands(with: "--json")))
  }

  /// Those of `inspect`'s history are those of an epoch of `train`.
  @Test func theHelpNamesEveryKey() throws {
    let path = Repository.path("Tests/CommandLineTests/Promises/Fixtures/json-keys.txt")
    var helps: [String: Set<Substring>] = [:]
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let fields = line.split(separator: "\t").map(String.init)
      let command = fields[1].hasPrefix("history[].") ? "train" : fields[0]
      let key = try #require(fields[1].split(separator: ".").last).filter { !"[]".contains($0) }
      if helps[command] == nil {
        let words = ["help"] + command.split(separator: " ").map(String.init)
        let text = try Program("minicnn").run(words, in: "/").output
        let keys = try #require(text.range(of: "JSON"))
        helps[command] = Set(
          text[keys.lowerBound...].split { !$0.isLetter && !$0.isNumber })
      }
      #expect(key == "*" || helps[command]?.contains(key[...]) == true, "\(command): \(key)")
    }
    #expect(helps.count > 15)
  }

  /// The lines of a command, from several runs with different answers.
  private func shape(
    _ command: String, of runs: [String], in place: Workplace, maps: Set<String> = [],
    statuses: Set<Int32> = [0]
  ) throws -> [String] {
    var shape = JSONShape()
    for words in runs {
      let outcome = try place.run("\(command) \(words) --json")
      #expect(statuses.contains(outcome.status), "\(command) \(words)\n\(outcome.errors)")
      try shape.add(outcome.output, maps: maps)
    }
    return shape.lines(of: command)
  }

  /// Commands that train, and those that look at what has been trained.
  private func trained() throws -> [String] {
    let place = try Workplace()
    let model = "--model small.yaml --data data --threads 2"
    var lines = try shape(
      "train",
      of: [
        "\(model) --validation-fraction 0.25 --metrics f1 --weight-average 0.9 --checkpoint a.h5",
        "\(model) --learning-rate 30 --seed 1 --checkpoint b.h5",
      ], in: place, maps: ["validationMetrics"])
    // Which classifies nothing rightly.
    #expect(
      try place.run("train \(model) --epochs 1 --learning-rate 0 --checkpoint c.h5").status == 0)
    lines += try shape(
      "evaluate", of: ["a.h5 --data data", "b.h5 --data data", "c.h5 --data data"], in: place,
      maps: ["metrics"])
    lines += try shape(
      "inspect", of: ["a.h5", "b.h5", "\(Self.keras)adam.keras"], in: place,
      maps: ["history[].validationMetrics"])
    lines += try shape("compare", of: ["a.h5 c.h5 --data data"], in: place)
    lines += try shape("report", of: ["a.h5 --data data -o report.html"], in: place)
    lines += try shape("see", of: ["a.h5 --index 3"], in: place)
    lines += try shape(
      "export",
      of: [
        "a.h5 use.h5", "a.h5 a.onnx", "a.h5 a.keras --no-verify",
        "a.h5 a.c --quantize int8 --data data --overwrite",
      ], in: place)
    lines += try shape(
      "convert", of: ["a.keras d.h5", "\(Self.keras)scheduled.keras e.h5"], in: place)
    lines += try shape(
      "find-rate",
      of: [
        "\(model) --steps 100 --to 100", "\(model) --steps 100 --to 1e6 --schedule one_cycle",
        "\(model) --steps 100 --to 100 --schedule one_cycle",
      ], in: place)
    lines += try shape(
      "verify-resume", of: ["\(model) --kills 2", "\(model) --kills 1 --validation-fraction 0.25"],
      in: place)
    try place.write(
      "model: small.yaml\ndata: data\nscore: validation\nseeds: [1, 2]\n"
        + "settings: {learning_rate: [0.01, 1e30], epochs: 1, validation_fraction: 0.25}\n",
      to: "rates.yaml")
    return try lines + shape("sweep", of: ["rates.yaml"], in: place, statuses: [1])
  }

  private static let keras = Repository.path("Tests/InterchangeTests/Fixtures/keras") + "/"

  private func ofModelFiles() throws -> [String] {
    let place = try Workplace()
    var lines = try shape(
      "summary", of: ["small.yaml --no-time", "small.yaml --data data --threads 1"], in: place)
    lines += try shape(
      "benchmark", of: ["--model small.yaml --data data --seconds 0.05"], in: place)
    lines += try shape("settings", of: [""], in: place)
    lines += try shape("layers", of: [""], in: place)
    lines += try shape("doctor", of: [""], in: place)
    return try lines + shape("gradcheck", of: ["small.yaml --samples 4"], in: place)
  }

  private func ofOtherFiles() throws -> [String] {
    let place = try Workplace()
    let fixtures = Repository.path("Tests/DataSetsTests/Fixtures")
    let lines = try shape(
      "data import",
      of: [
        "\(fixtures)/medmnist.npz one --validation merge", "\(fixtures)/kaggle two",
      ], in: place)
    try place.write(
      try place.bytes("data/t10k-images-idx3-ubyte").dropLast(), to: "data/t10k-images-idx3-ubyte")
    return try lines
      + shape(
        "data check", of: [Repository.path("Datasets/mnist"), "data", "two"], in: place,
        statuses: [0, 1])
  }

  private func ofPictures() throws -> [String] {
    let place = try Workplace(
      model: Workplace.model.replacing("training: {", with: "training: {loss: mse, "))
    for (name, columns) in [("bar", [30..<38]), ("two", [15..<23, 50..<58]), ("blank", [])] {
      try place.write(Self.picture(columns), to: "\(name).pgm")
    }
    let model = Workplace.model
    try place.write(model, to: "classes.yaml")
    #expect(
      try place.run("train --model classes.yaml --data data --epochs 1 --checkpoint a.h5").status
        == 0)
    #expect(
      try place.run("train --model small.yaml --data data --epochs 1 --checkpoint b.h5").status == 0
    )
    return try shape(
      "predict",
      of: [
        "a.h5 bar.pgm none.pgm blank.pgm", "a.h5 two.pgm --many", "a.h5 \(Self.test) --index 0 5",
        "b.h5 \(Self.test) --index 0",
      ], in: place, statuses: [0, 66])
  }

  /// Dark bars on light paper.
  private static func picture(_ columns: [Range<Int>]) -> String {
    let rows = (0..<60).map { row in
      (0..<80).map { column in
        (15..<45).contains(row) && columns.contains { $0.contains(column) } ? "20" : "220"
      }.joined(separator: " ")
    }
    return "P2 80 60 255\n" + rows.joined(separator: "\n") + "\n"
  }

  private func ofExperiments() throws -> [String] {
    let place = try Workplace(images: 4)
    let digits = DataFolder(Repository.path("Datasets/mnist"))
    for (split, name, count) in [(DataSplit.train, "train", 60), (.test, "t10k", 30)] {
      let set = try digits.load(split).prefix(count)
      try IDXWriter.writeImages(
        set.withPixels { Array($0) }, height: 28, width: 28,
        to: place("data/\(name)-images-idx3-ubyte"))
      try IDXWriter.writeLabels(set.labels ?? [], to: place("data/\(name)-labels-idx1-ubyte"))
    }
    return try ["pooling", "activation", "flatten", "regularization"].flatMap { name in
      try shape("lab \(name)", of: ["--data data -o \(name).svg"], in: place)
    }
  }
}
