import ArgumentParser
import MiniCNN

/// Whether the gradients of a model are right.
struct GradCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradcheck",
    abstract: "Checks the gradients of every layer of a model with finite differences.",
    discussion: """
      EXAMPLES
        minicnn gradcheck lenet5
        minicnn gradcheck lenet5.weights.h5 --samples 200 --seed 7
        minicnn gradcheck small.yaml --all --json

      Each layer is checked by itself, as it stands in the model: images of random numbers pass \
      through the layers before it as in training, then some numbers of its input and of each of \
      its variables are moved up and down, and what that changes in its output is compared with \
      what its backward pass says. Where a ReLU or a maximum changes sides meanwhile, the step is \
      made smaller, or another number is taken: that is counted as a kink. Backward passes that \
      depend on what they find in their memory are found, too. The exit code is 1 where a gradient \
      is wrong.

      JSON: model, seed, tolerance, verdict (right, wrong or unknown), layers (name, kind, verdict, \
      parts (name, count, compared, steppedRound, difference), failures).
      """)

  @OptionGroup var source: NetworkArgument
  @Option(help: "How many numbers of each input and variable are compared.") var samples = 30
  @Flag(help: "Compare all of them: for small models.") var all = false
  @Option(
    help: ArgumentHelp(
      "The largest difference that counts as none, as a share of the largest derivative.",
      valueName: "share"))
  var tolerance = 0.004
  @Option(help: "Decides the images, the numbers that are compared, and what dropout draws.")
  var seed: UInt64 = 1
  @OptionGroup var jsonFlag: JSONFlag

  func validate() throws {
    guard (1...1_000_000).contains(samples) else {
      throw ValidationError("--samples: expected 1 to 1000000, found \(samples)")
    }
    guard tolerance > 0, tolerance < 1 else {
      throw ValidationError("--tolerance: expected above 0 and below 1, found \(tolerance)")
    }
  }

  func run() throws {
    let network = try source.read().network
    var progress = ProgressLine("gradcheck")
    var layers: [LayerGradientCheck] = []
    let checker = ModelGradientChecker(
      samples: all ? nil : samples, tolerance: tolerance, seed: seed)
    _ = checker.check(network) { layer in
      layers.append(layer)
      progress.update(Double(layers.count) / Double(network.nodes.count))
    }
    progress.clear()
    let output = GradCheckOutput(network.spec.name, checker, layers)
    if jsonFlag.json {
      try JSONOutput.print(output)
    } else {
      output.print()
    }
    let wrong = layers.filter { $0.verdict == .wrong }.map(\.layer)
    guard wrong.isEmpty else {
      throw Failure(
        .failed, "\(source.file): wrong gradients in \(wrong.joined(separator: ", "))")
    }
  }
}

/// What `--json` prints.
private struct GradCheckOutput: Encodable {
  struct Part: Encodable {
    let name: String
    let count: Int
    let compared: Int
    let steppedRound: Int
    let difference: Double
  }

  struct Layer: Encodable {
    let name: String
    let kind: String
    let verdict: LayerGradientCheck.Verdict
    let parts: [Part]
    let failures: [String]
  }

  let model: String
  let seed: UInt64
  let tolerance: Double
  let verdict: LayerGradientCheck.Verdict
  let layers: [Layer]

  init(_ model: String, _ checker: ModelGradientChecker, _ checks: [LayerGradientCheck]) {
    self.model = model
    (seed, tolerance) = (checker.seed, checker.tolerance)
    verdict = LayerGradientCheck.verdict(of: checks)
    layers = checks.map { check in
      Layer(
        name: check.layer, kind: check.kind, verdict: check.verdict,
        parts: check.parts.map {
          Part(
            name: $0.name, count: $0.count, compared: $0.compared,
            steppedRound: $0.steppedRound, difference: $0.difference)
        }, failures: check.failures)
    }
  }

  func print() {
    var table = Table([
      .text("layer"), .text("kind", mayBeMissed: true), .text("checked"), .number("numbers"),
      .number("kinks", mayBeMissed: true), .number("largest difference"), .text("gradient"),
    ])
    for layer in layers {
      let difference = layer.parts.map(\.difference).reduce(0) { $0 < $1 || $1.isNaN ? $1 : $0 }
      table.add([
        layer.name, layer.kind, layer.parts.map(\.name).joined(separator: ", "),
        Format.grouped(layer.parts.reduce(0) { $0 + $1.compared }),
        Format.grouped(layer.parts.reduce(0) { $0 + $1.steppedRound }),
        "\(Format.fixed(100 * difference, 4)) %", layer.verdict.rawValue,
      ])
    }
    table.print()
    for failure in layers.flatMap(\.failures) { Terminal.result(failure) }
    let compared = layers.flatMap(\.parts).reduce(0) { $0 + $1.compared }
    Terminal.result(
      "\(model): \(Format.grouped(compared)) derivatives of \(Format.count(layers.count, "layer"))"
        + " compared, \(Format.count(layers.flatMap(\.parts).reduce(0) { $0 + $1.steppedRound }, "kink"))"
        + " stepped round: \(verdict.rawValue)")
  }
}
