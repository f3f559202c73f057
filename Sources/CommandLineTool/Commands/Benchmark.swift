import ArgumentParser
import MiniCNN

/// How fast a model trains and predicts on this machine.
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures how fast a model trains and predicts, layer by layer and as a whole.",
    discussion: """
      EXAMPLES
        minicnn benchmark --model Models/lenet5.yaml
        minicnn benchmark --model Models/mnist-cnn.yaml --threads 1 --json

      Training steps are whole ones on real images in shuffled batches: batch assembly,
      dropout, loss, backward pass, update. Layers are timed by themselves on one thread,
      microseconds an image, those together that one pass computes together. A share is
      that of the multiply-add units' measured peak, counting the operations of the
      formula: where Winograd's algorithm or zeros save some, it may be above 100 %.
      All figures are medians.
      JSON: model, threads, batchSize, inferenceBatchSize, optimizer, instructionSet,
      peakGflops, trainImagesPerSecond, inferenceImagesPerSecond, latencyMicroseconds,
      layers (name, kind, outputShape, forwardMicroseconds, backwardMicroseconds, gflops,
      forwardShare, backwardShare).
      """)

  @Option(help: ArgumentHelp("The model file (YAML).", valueName: "file")) var model: String
  @OptionGroup(title: "Data") var dataFlags: DataFlags
  @Option(help: "Images between two updates (default: the model file's, or 64).")
  var batchSize: Int?
  @Option(help: "Images predicted at once.") var inferenceBatchSize = 1000
  @Option(help: "The optimizer (default: the model file's).") var optimizer: String?
  @Option(help: "Threads (default: one for each processor).") var threads: Int?
  @Option(help: "Seconds that each measurement takes.") var seconds = 2.0
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    try checkThreads(threads)
    guard (1...1_000_000).contains(inferenceBatchSize) else {
      throw ValidationError(
        "--inference-batch-size: expected 1 to 1000000, found \(inferenceBatchSize)")
    }
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds: expected above 0 to 3600, found \(seconds)")
    }
  }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    let data = try LabelledData(paths: dataFlags.paths ?? ["Datasets/mnist"], split: .train)
    var options = TrainingOptions()
    if let optimizer { try options.state("optimizer", optimizer) }
    if let batchSize { try options.state("batch_size", "\(batchSize)") }
    try options.state("epochs", "1000000")
    try options.state("seed", "1")
    let settings = try options.filled(from: file.training).resolve(defaultSeed: 1)
    let network = try file.spec.network(seed: 1, loss: settings.loss, file: model)
    try data.check(network)
    let speed = SpeedMeasurement(network: network, data: data.set, seconds: seconds)
    let peak = PeakRate.measure()
    let output = BenchmarkOutput(
      model: file.spec.name, threads: threads ?? ThreadPool.availableProcessors,
      batchSize: settings.batchSize, inferenceBatchSize: inferenceBatchSize,
      optimizer: settings.update.optimizer.kind, instructionSet: PeakRate.instructionSet,
      peakGflops: peak / 1e9,
      trainImagesPerSecond: try speed.training(settings, threads: threads),
      inferenceImagesPerSecond: speed.inference(batch: inferenceBatchSize, threads: threads),
      latencyMicroseconds: speed.latency(threads: threads),

      layers: speed.layers(batch: settings.batchSize, peak: peak))
    if json { try JSONOutput.print(output) } else { output.print() }
  }
}

/// What `--json` prints.
private struct BenchmarkOutput: Encodable {
  let model: String
  let threads: Int
  let batchSize: Int
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
      "\(model) on \(threads) threads, batch \(batchSize), \(optimizer); \(instructionSet),"
        + " a core's peak \(Format.fixed(peakGflops, 0)) GFLOP/s")
    let name = max(5, layers.map(\.name.count).max() ?? 0)
    func line(_ a: String, _ b: String, _ c: String, _ d: String, _ e: String, _ f: String) {
      Terminal.result(
        "\(Format.left(a, name))  \(Format.left(b, 11)) \(Format.right(c, 11))"
          + " \(Format.right(d, 6)) \(Format.right(e, 12)) \(Format.right(f, 6))")
    }
    func share(_ value: Double) -> String { value == 0 ? "" : "\(Format.fixed(100 * value, 0)) %" }
    line("layer", "output", "forward µs", "share", "backward µs", "share")
    for layer in layers {
      line(
        layer.name, "\(Shape(layer.outputShape))", Format.fixed(layer.forwardMicroseconds, 2),
        share(layer.forwardShare), Format.fixed(layer.backwardMicroseconds, 2),
        share(layer.backwardShare))
    }
    Terminal.result("training   \(Format.grouped(Int(trainImagesPerSecond))) images/s")
    Terminal.result(
      "inference  \(Format.grouped(Int(inferenceImagesPerSecond))) images/s"
        + " (batches of \(inferenceBatchSize))")
    Terminal.result("one image  \(Format.fixed(latencyMicroseconds, 1)) µs")
  }
}
