import ArgumentParser
import MiniCNN

/// How fast a model trains and predicts on this machine.
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures how fast a model trains and predicts, layer by layer and as a whole.",
    discussion: """
      EXAMPLES
        minicnn benchmark --model lenet5
        minicnn benchmark --model mnist-cnn --threads 1 --json

      Without --data, the images are synthetic: noise in a rectangle on black, with as many zeros \
      as digits have. \
      Training is timed over whole steps in shuffled batches: batch assembly, dropout, loss, \
      backward pass, update. Each layer is timed by itself on one thread, in microseconds per \
      image; layers that are computed in one pass are timed together. A share is that of the \
      multiply-add units' measured peak, counting the operations of the formula: where Winograd's \
      algorithm or zeros save some, it may exceed 100 %. All figures are medians.

      JSON: model, threads, batchSize, shards, inferenceBatchSize, optimizer, instructionSet, peakGflops, \
      trainImagesPerSecond, inferenceImagesPerSecond, latencyMicroseconds, layers (name, kind, \
      outputShape, forwardMicroseconds, backwardMicroseconds, gflops, forwardShare, \
      backwardShare).
      """)

  @OptionGroup var modelOption: ModelOption
  @OptionGroup var dataFlags: DataFlags
  @Option(help: "Images per update (default: the model file's, or 64).")
  var batchSize: Int?
  @Option(help: "The most shards of a batch (default: the model file's, or 8).") var shards: Int?
  @Option(help: "Images predicted at once.") var inferenceBatchSize = 1000
  @Option(
    help: "The optimizer (default: the model file's).",
    completion: .list(OptimizerRegistry.kinds))
  var optimizer: String?
  @Option(help: "Seconds that each measurement takes.") var seconds = 2.0
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  func validate() throws {
    try modelOption.checkNamed()
    guard (1...1_000_000).contains(inferenceBatchSize) else {
      throw ValidationError(
        "--inference-batch-size: expected 1 to 1000000, found \(inferenceBatchSize)")
    }
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds: expected above 0 to 3600, found \(seconds)")
    }
  }

  func run() throws {
    let model = try modelOption.requiredPath()
    let file = try ModelOption.read(model)
    var options = TrainingOptions()
    if let optimizer { try options.state("optimizer", optimizer) }
    if let batchSize { try options.state("batch_size", "\(batchSize)") }
    if let shards { try options.state("shards", "\(shards)") }
    try options.state("epochs", "1000000")
    try options.state("seed", "1")
    let settings = try options.filled(from: file.training).resolve(defaultSeed: 1)
    let network = try file.spec.network(seed: 1, loss: settings.loss, file: model)
    let threads = threadsOption.threads
    let data = try data(for: network, batch: settings.batchSize)
    let idle = IdleProcessors(network, settings: settings, samples: data.count, threads: threads)
    if let idle { Terminal.message("note: \(idle)") }
    var speed = SpeedMeasurement(network: network, data: data, seconds: seconds)
    let peak = PeakRate.measure()
    let output = BenchmarkOutput(
      model: file.spec.name, threads: threads ?? ThreadPool.availableProcessors,
      batchSize: settings.batchSize, shards: settings.shards,
      inferenceBatchSize: inferenceBatchSize,
      optimizer: settings.update.optimizer.kind, instructionSet: InstructionSet.name,
      peakGflops: peak / 1e9,
      trainImagesPerSecond: try speed.training(settings, threads: threads),
      inferenceImagesPerSecond: try speed.inference(batch: inferenceBatchSize, threads: threads),
      latencyMicroseconds: try speed.latency(threads: threads),
      layers: speed.layers(batch: settings.batchSize, peak: peak))
    speed.finish()
    if jsonFlag.json { try JSONOutput.print(output) } else { output.print() }
  }

  /// The images that were named, or synthetic ones.
  private func data(for network: Network, batch: Int) throws -> ImageSet {
    if let paths = try dataFlags.paths {
      let data = try LabelledData(paths: paths, split: .train)
      try data.check(network)
      if let images = data.images { return images }
    }
    Terminal.message("no --data: measuring on synthetic images")
    let data = try ImageSet.synthetic(
      for: network, count: max(batch, min(inferenceBatchSize, 1000)))
    try data.checkShape(network)
    return data
  }
}

/// What `--json` prints.
private struct BenchmarkOutput: Encodable {
  let model: String
  let threads: Int
  let batchSize: Int
  let shards: Int
  let inferenceBatchSize: Int
  let optimizer: String
  let instructionSet: String
  let peakGflops: Double
  let trainImagesPerSecond: Double
  let inferenceImagesPerSecond: Double
  let latencyMicroseconds: Double
  let layers: [LayerSpeed]

  func print() {
    Terminal.result(
      "\(model) on \(Format.count(threads, "thread")), batch \(batchSize), \(optimizer); \(instructionSet),"
        + " a core's peak \(Format.fixed(peakGflops, 0)) GFLOP/s")
    func share(_ value: Double) -> String { value == 0 ? "" : "\(Format.fixed(100 * value, 0)) %" }
    var table = Table([
      .text("layer"), .text("output"), .number("forward µs"), .number("share", mayBeMissed: true),
      .number("backward µs"), .number("share", mayBeMissed: true),
    ])
    for layer in layers {
      table.add([
        layer.name, "\(Shape(layer.outputShape))", Format.fixed(layer.forwardMicroseconds, 2),
        share(layer.forwardShare), Format.fixed(layer.backwardMicroseconds, 2),
        share(layer.backwardShare),
      ])
    }
    table.print()
    Terminal.result("training   \(Format.grouped(trainImagesPerSecond)) images/s")
    Terminal.result(
      "inference  \(Format.grouped(inferenceImagesPerSecond)) images/s"
        + " (batches of \(inferenceBatchSize))")
    Terminal.result("one image  \(Format.fixed(latencyMicroseconds, 1)) µs")
  }
}
