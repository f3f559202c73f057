import MiniCNN
import TestSupport
import Testing

@testable import CommandLineTool

/// `minicnn gradcheck`.
@Suite struct GradCheckTests {
  @Test func aTableNamesEveryLayer() throws {
    let place = try Workplace(model: Workplace.everything)
    let outcome = try place.run("gradcheck small.yaml --samples 10")
    #expect(outcome.status == 0 && outcome.errors == "")
    let lines = outcome.output.split(separator: "\n")
    #expect(
      lines.first?.split(separator: " ").joined(separator: " ")
        == "layer kind checked numbers kinks largest difference gradient")
    #expect(lines.dropFirst().dropLast().allSatisfy { $0.hasSuffix(" right") })
    #expect(lines.contains { $0.hasPrefix("add ") && $0.contains("input 1, input 2") })
    #expect(lines.last?.hasPrefix("small: ") == true && lines.last?.hasSuffix(": right") == true)
  }

  @Test func jsonHasEveryPart() throws {
    let place = try Workplace()
    #expect(try place.run("train --model small.yaml --data data --epochs 1").status == 0)
    let json = try place.run("gradcheck small.weights.h5 --all --seed 4 --json").json()
    #expect(Set(json.keys) == ["model", "seed", "tolerance", "verdict", "layers"])
    #expect(json["verdict"] as? String == "right" && json["seed"] as? Int == 4)
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(Set(layers[0].keys) == ["name", "kind", "verdict", "parts", "failures"])
    let parts = try #require(layers[0]["parts"] as? [[String: Any]])
    #expect(Set(parts[0].keys) == ["name", "count", "compared", "steppedRound", "difference"])
    #expect(parts.map { $0["name"] as? String } == ["input", "kernel", "bias"])
    #expect(parts[1]["count"] as? Int == 36 && parts[1]["compared"] as? Int == 36)
  }

  @Test(arguments: [
    ("--samples 0", "--samples: expected 1 to 1000000, found 0"),
    ("--tolerance 1", "--tolerance: expected above 0 and below 1, found 1.0"),
  ]) func whatIsOutOfRangeIsSaid(flags: String, line: String) throws {
    let outcome = try Workplace().run("gradcheck small.yaml \(flags)")
    #expect(outcome.status == 64)
    #expect(outcome.errors == "error: \(line)\nsee: minicnn help gradcheck\n")
  }

  @Test func aWrongGradientFailsAndIsNamed() throws {
    LayerRegistry.register(WrongDouble.self)
    let place = try Workplace(
      model: """
        name: wrong
        input: [4, 4, 1]
        layers:
          - conv2d: {filters: 2, kernel: 3}
          - wrong_double
          - relu
        """)
    let error = #expect(throws: Failure.self) {
      try GradCheck.parse([place("small.yaml")]).run()
    }
    #expect(error?.code == .failed)
    #expect(error?.description == "\(place("small.yaml")): wrong gradients in wrong_double")
  }

  @Test(
    .timeLimit(.minutes(2)),
    arguments: [
      "digits-best", "digits-fast", "digits-tiny", "fashion", "lenet5", "mlp", "mnist-cnn",
      "resnet-mini",
    ])
  func everyShippedModelIsRight(name: String) throws {
    let network = try Network(
      ModelFile(contentsOf: Repository.path("Models/\(name).yaml")).spec, seed: 1)
    let checks = ModelGradientChecker(samples: 8).check(network)
    #expect(checks.flatMap(\.failures) == [])
    #expect(LayerGradientCheck.verdict(of: checks) == .right)
  }
}

/// y = 2 · x, whose backward pass forgets the factor.
private struct WrongDouble: ActivationSpec {
  static let kind = "wrong_double"
  static let help = "twice what it is given"
  static let prototype = WrongDouble()
  var common = LayerCommon()

  func forward(_ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    for i in 0..<count { y[i] = 2 * x[i] }
  }

  func backward(
    _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    dx.update(from: dy, count: count)
  }
}
