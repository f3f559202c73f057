import Foundation
import NeuralNetwork
import TestSupport

/// The network of a page, computed by the page's own script in Node.js.
struct PageEngine {
  /// What it gives for one image.
  struct Result {
    /// Of each node in order.
    let activations: [[Float]]
    /// Of the image, then of each node's output.
    let gradients: [[Float]]
  }

  let network: Network
  private let page: String
  private let folder: TemporaryFolder

  /// Takes the text of a page of a network.
  init(_ network: Network, page: String) throws {
    self.network = network
    folder = try TemporaryFolder()
    self.page = folder.path + "/page.html"
    try page.write(toFile: self.page, atomically: true, encoding: .utf8)
  }

  /// Whether there is Node.js to run scripts.
  static let node = ["/usr/bin/node", "/usr/local/bin/node", "/usr/bin/nodejs"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Runs images; image number i with the gradient of output number i modulo their number. Passes on what
  /// the page gives and what a probe gives.
  func run(_ images: Tensor, _ body: (Int, _ found: Result, _ expected: Result) throws -> Void)
    throws
  {
    guard let node = Self.node else { throw NoNode() }
    let size = network.inputShape.count
    var probe = Probe(network, batch: 1)
    var winners: [Int32] = []
    let expected = (0..<images.samples).map { image in
      let own = Array(images.values[image * size..<(image + 1) * size])
      return probed(&probe, own, output: image % network.outputShape.count, &winners)
    }
    let paths = ["images", "winners", "results"].map { "\(folder.path)/\($0)" }
    try images.values.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: paths[0]))
    try winners.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: paths[1]))
    let script = Repository.path("Tests/ReportsTests/Scripts/run-engine.mjs")
    let outcome = try Program(at: node).run([script, page] + paths, in: folder.path)
    guard outcome.status == 0 else { throw ScriptFailure(message: outcome.errors) }
    let results = try Data(contentsOf: URL(fileURLWithPath: paths[2]))
    let sizes = network.nodes.map(\.outputShape.count)
    var place = 0
    func next(_ count: Int) -> [Float] {
      defer { place += 4 * count }
      return results[place..<place + 4 * count].withUnsafeBytes { bytes in
        (0..<count).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
    }
    let perImage = sizes.reduce(size) { $0 + 2 * $1 }
    guard results.count == 4 * perImage * images.samples else {
      throw ScriptFailure(
        message: "\(results.count) bytes of results, expected \(4 * perImage * images.samples)")
    }
    for image in 0..<images.samples {
      let activations = sizes.map(next)
      let gradients = [next(size)] + sizes.map(next)
      try body(image, Result(activations: activations, gradients: gradients), expected[image])
    }
  }

  /// What the library gives for an image, and which positions have won its max poolings.
  private func probed(
    _ probe: inout Probe, _ image: [Float], output: Int, _ winners: inout [Int32]
  ) -> Result {
    _ = probe.forward(Tensor(samples: 1, shape: network.inputShape, values: image))
    for node in network.nodes where node.kind == "max_pool2d" {
      winners += (probe.argmax(of: node.name) ?? []).map(Int32.init)
    }
    var dy = Tensor(samples: 1, shape: network.outputShape)
    dy[output] = 1
    let input = probe.backward(dy).input.values
    let nodes = network.nodes
    return Result(
      activations: nodes.map { probe.output(of: $0.name)?.values ?? [] },
      gradients: [input] + nodes.map { probe.outputGradient(of: $0.name)?.values ?? [] })
  }

  struct NoNode: Error, CustomStringConvertible {
    var description: String { "no Node.js; make test installs it" }
  }

  struct ScriptFailure: Error {
    let message: String
  }
}
