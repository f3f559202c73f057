import ArgumentParser
import MiniCNN

/// What a model is made of.
struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists a model's layers with shapes, parameters, receptive fields and costs.",
    discussion: """
      EXAMPLES
        minicnn summary lenet5
        minicnn summary lenet5.weights.h5 --no-time --json
        minicnn summary mnist-cnn --data mnist --threads 1

      The field of a layer is its receptive field: the pixels that one position of its output \
      depends on, and after the slash how many pixels lie between two neighbouring positions; \
      `all` where every output depends on the whole image. In its memory the numbers of its output \
      are counted, for one image; a batch takes as much for each of its images, and again for the \
      gradients. That is what the model states: passes that fuse layers and work on parts of a \
      batch take less. The time of an epoch follows from a few steps on images of the data, or on \
      synthetic ones.

      JSON: name, inputShape, parameters, trainedParameters, multiplyAdds, memory (parameters, \
      activations, batch, optimizer: bytes), batchSize, optimizer, threads, imagesPerSecond, \
      epochImages and epochSeconds (left out with --no-time), layers (name, kind, outputShape, \
      parameters, trainable, multiplyAdds, receptiveField and jump, both of rows and columns and \
      left out for the whole image, outputBytes).
      """)

  @OptionGroup var source: NetworkArgument
  @OptionGroup var dataFlags: DataFlags
  @Flag(name: .customLong("no-time"), help: "Do not measure how long an epoch takes.")
  var skipsTime = false
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  /// The images of an epoch where no data says how many: those of MNIST.
  private static let usualImages = 60_000
  /// The seconds that steps are timed for.
  private static let timed = 0.3

  func run() throws {
    let (network, settings) = try source.read()
    var data: LabelledData?
    if let paths = try dataFlags.paths {
      let named = try LabelledData(paths: paths, split: .train)
      try named.check(network)
      data = named
    }
    var output = SummaryOutput(network, settings)
    output.threads = threadsOption.threads ?? ThreadPool.availableProcessors
    if !skipsTime, let speed = try speed(network, settings, data) {
      let images = data?.samples.count ?? Self.usualImages
      output.imagesPerSecond = speed.imagesPerSecond
      (output.epochImages, output.epochSeconds) = (images, speed.seconds(images: images))
    }
    if jsonFlag.json { try JSONOutput.print(output) } else { output.print() }
  }

  /// How fast the model trains; `nil` where it takes no images with classes, and no data was named.
  private func speed(
    _ network: Network, _ settings: TrainingSettings, _ data: LabelledData?
  ) throws -> TrainingSpeed? {
    guard let data else {
      return try? TrainingSpeed.measured(
        network, settings: settings, threads: threadsOption.threads, seconds: Self.timed)
    }
    return try TrainingSpeed.measured(
      network, settings: settings, data: data.samples, threads: threadsOption.threads,
      seconds: Self.timed)
  }
}

/// What `--json` prints.
private struct SummaryOutput: Encodable {
  struct Layer: Encodable {
    let name: String
    let kind: String
    let outputShape: [Int]
    let parameters: Int
    let trainable: Bool
    let multiplyAdds: Int
    let receptiveField: [Int]?
    let jump: [Double]?
    let outputBytes: Int

    /// The receptive field and its jump: `14×14/4`.
    var field: String {
      guard let receptiveField, let jump else { return "all" }
      func text(_ jump: Double) -> String {
        Int(exactly: jump).map(String.init) ?? Format.significant(jump)
      }
      let step = jump[0] == jump[1] ? text(jump[0]) : jump.map(text).joined(separator: "×")
      return "\(Shape(receptiveField))/\(step)"
    }
  }

  struct Memory: Encodable {
    let parameters: Int
    let activations: Int
    let batch: Int
    let optimizer: Int
  }

  let name: String
  let inputShape: [Int]
  let parameters: Int
  let trainedParameters: Int
  let multiplyAdds: Int
  let memory: Memory
  let batchSize: Int
  let optimizer: String
  var threads = 1
  var imagesPerSecond: Double?
  var epochImages: Int?
  var epochSeconds: Double?
  let layers: [Layer]

  init(_ network: Network, _ settings: TrainingSettings) {
    name = network.spec.name
    inputShape = network.inputShape.array
    parameters = network.parameterCount
    trainedParameters = network.trainedParameterCount
    multiplyAdds = network.multiplyAdds
    let estimate = MemoryEstimate(network, settings: settings)
    memory = Memory(
      parameters: estimate.parameters, activations: estimate.activations, batch: estimate.batch,
      optimizer: estimate.optimizer)
    batchSize = settings.batchSize
    optimizer = settings.update.optimizer.kind
    layers = zip(network.nodes, network.receptiveFields).map { node, field in
      let trained = (node.layer?.variables ?? []).filter { $0.role != .statistic }
      return Layer(
        name: node.name, kind: node.kind, outputShape: node.outputShape.array,
        parameters: trained.reduce(0) { $0 + $1.shape.count }, trainable: node.isTrained,
        multiplyAdds: node.layer?.multiplyAdds ?? 0,
        receptiveField: field.map { [$0.size.height, $0.size.width] },
        jump: field.map { [$0.verticalJump, $0.horizontalJump] },
        outputBytes: MemoryLayout<Float>.stride * node.outputShape.count)
    }
  }

  func print() {
    Terminal.result("\(name): input \(Shape(inputShape))")
    var table = Table([
      .text("layer"), .text("kind", mayBeMissed: true), .text("output"), .number("parameters"),
      .number("field", mayBeMissed: true), .number("multiply-adds", mayBeMissed: true),
      .number("memory", mayBeMissed: true),
    ])
    for layer in layers {
      table.add([
        layer.name, layer.trainable ? layer.kind : "\(layer.kind), frozen",
        "\(Shape(layer.outputShape))", Format.grouped(layer.parameters), layer.field,
        Format.grouped(layer.multiplyAdds), Format.bytes(layer.outputBytes),
      ])
    }
    table.add([
      "total", "", "", Format.grouped(parameters), "", Format.grouped(multiplyAdds),
      Format.bytes(memory.activations),
    ])
    table.print()
    var facts = FactList()
    facts.add(
      "memory",
      "parameters \(Format.bytes(memory.parameters)), activations"
        + " \(Format.bytes(memory.activations)) an image and with gradients"
        + " \(Format.bytes(memory.batch)) a batch of \(Format.grouped(batchSize)), \(optimizer)"
        + " \(Format.bytes(memory.optimizer))")
    if let epochImages, let epochSeconds, let imagesPerSecond {
      facts.add(
        "epoch",
        "about \(Format.time(epochSeconds)) for \(Format.grouped(epochImages)) images on"
          + " \(Format.count(threads, "thread")), \(Format.grouped(imagesPerSecond)) images/s")
    }
    facts.print()
  }
}
