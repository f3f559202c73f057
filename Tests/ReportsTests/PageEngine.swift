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

  /// Runs images; image number i with the gradient of output number i modulo their number.
  func run(_ images: Tensor, _ body: (Int, Result) throws -> Void) throws {
    guard let node = Self.node else { throw NoNode() }
    let (input, output) = (folder.path + "/images", folder.path + "/results")
    let bytes = images.values.withUnsafeBytes { Data($0) }
    try bytes.write(to: URL(fileURLWithPath: input))
    let outcome = try Program(at: node).run(
      [
        Repository.path("Tests/ReportsTests/Scripts/run-engine.mjs"), page, input, output,
      ], in: folder.path)
    guard outcome.status == 0 else { throw ScriptFailure(message: outcome.errors) }
    let results = try Data(contentsOf: URL(fileURLWithPath: output))
    let sizes = network.nodes.map(\.outputShape.count)
    var place = 0
    func next(_ count: Int) -> [Float] {
      defer { place += 4 * count }
      return results[place..<place + 4 * count].withUnsafeBytes { bytes in
        (0..<count).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
    }
    let perImage = sizes.reduce(network.inputShape.count) { $0 + 2 * $1 }
    guard results.count == 4 * perImage * images.samples else {
      throw ScriptFailure(
        message: "\(results.count) bytes of results, expected \(4 * perImage * images.samples)")
    }
    for image in 0..<images.samples {
      let activations = sizes.map(next)
      let gradients = [next(network.inputShape.count)] + sizes.map(next)
      try body(image, Result(activations: activations, gradients: gradients))
    }
  }

  struct NoNode: Error, CustomStringConvertible {
    var description: String { "no Node.js; make test installs it" }
  }

  struct ScriptFailure: Error {
    let message: String
  }
}

/// What a probe gives for the same images.
struct ProbeResults {
  private var probe: Probe
  private let network: Network

  init(_ network: Network) {
    (self.network, probe) = (network, Probe(network, batch: 1))
  }

  /// Of one image, with the gradient of one output.
  mutating func run(_ image: [Float], output: Int) -> PageEngine.Result {
    _ = probe.forward(Tensor(samples: 1, shape: network.inputShape, values: image))
    var dy = Tensor(samples: 1, shape: network.outputShape)
    dy[output] = 1
    let input = probe.backward(dy).input.values
    func all(_ tensor: (String) -> Tensor?) -> [[Float]] {
      network.nodes.map { tensor($0.name)?.values ?? [] }
    }
    return PageEngine.Result(
      activations: all { probe.output(of: $0) },
      gradients: [input] + all { probe.outputGradient(of: $0) })
  }
}
