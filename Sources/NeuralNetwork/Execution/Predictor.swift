import Platform
import Synchronization

/// Runs a network forwards over any number of samples, on all threads of a pool.
///
/// Samples are worked on in chunks of a fixed size, so an output does not depend on the number of
/// threads. Several threads may share a predictor: it does what one asks for after the other. A task of its
/// own pool may not use it, as the two would wait for each other.
///
/// Unchecked, because the compiler cannot see that what changes is used under `lock` alone.
public final class Predictor: @unchecked Sendable {
  private let pool: ThreadPool
  private let prepared: PreparedWeights
  private var workspaces: [Workspace]
  private let chunk: Int
  private var network: Network
  private let graph: Graph
  private let inputShape: Shape, outputShape: Shape
  /// How all threads compute one sample together, where that is quicker than one alone.
  private let shared: SharedSample?
  private let lock = SystemMutex()

  /// Allocates the memory for a network, whose variables ``update(_:)`` may replace later.
  ///
  /// - Parameter chunk: the most samples that one thread works on at once.
  public convenience init(_ network: Network, pool: ThreadPool, chunk: Int = 16) {
    self.init(network, graph: network.graph.fused(for: .inference), pool: pool, chunk: chunk)
  }

  /// The same, for a graph that computes the network.
  ///
  /// - Parameter meeting: what it costs that threads wait for each other within a sample (``SamplePlan``).
  ///   `nil` where more than the output is read: a thread then computes a sample by itself, as what passes
  ///   between layers would be spread over the threads' workspaces.
  init(
    _ network: Network, graph: Graph, pool: ThreadPool, chunk: Int = 16,
    meeting: Int? = SamplePlan.meeting
  ) {
    require(chunk >= 1, "a chunk has at least 1 sample, not \(chunk)")
    self.pool = pool
    self.chunk = chunk
    self.network = network
    self.graph = graph
    (inputShape, outputShape) = (network.inputShape, network.outputShape)
    prepared = PreparedWeights(graph)
    let shared = meeting.flatMap { meeting in
      pool.threads > 1 ? SharedSample(graph, threads: pool.threads, meeting: meeting) : nil
    }
    self.shared = shared?.isCut == true ? shared : nil
    workspaces = (0..<pool.threads).map { _ in
      Workspace(graph, capacity: chunk, trains: false)
    }
    prepared.renew(network, pool: pool)
  }

  /// Takes the variables of the same network over after training has changed them.
  public func update(_ network: Network) {
    lock.withLock {
      self.network.layout.verify(network.layout)
      self.network = network
      prepared.renew(network, pool: pool)
    }
  }

  /// The outputs for the samples with these numbers, `[numbers, outputShape]`.
  ///
  /// - Throws: a ``NumericFault`` that names the first sample with a number that is not finite.
  public func outputs(
    _ source: some SampleSource, _ numbers: [Int32]
  ) throws(NumericFault) -> Tensor {
    var result = Tensor(samples: numbers.count, shape: outputShape)
    let size = outputShape.count
    let target = result.mutablePointer()
    let faulty = run(source, numbers, withTargets: false) { workspace, _, range in
      guard let output = workspace.activations.last else { return }
      (target + range.lowerBound * size).update(from: output.pointer, count: range.count * size)
    }
    if let faulty { throw NumericFault(inputOf: graph.nodes[0].name, sample: Int(numbers[faulty])) }
    return result
  }

  /// The output for one sample `[inputShape]` given as its values.
  ///
  /// - Throws: a ``NumericFault`` where one of them is not finite.
  public func output(for sample: [Float]) throws(NumericFault) -> [Float] {
    try withSample(sample) { source throws(NumericFault) in try outputs(source, [0]).values }
  }

  /// Passes one sample given as its values on as a source; errors do not give it a number.
  package func withSample<Result>(
    _ sample: [Float], _ body: (SingleSample) throws(NumericFault) -> Result
  ) throws(NumericFault) -> Result {
    require(
      sample.count == inputShape.count,
      "a sample of \(inputShape) has \(inputShape.count) values, not \(sample.count)")
    do throws(NumericFault) {
      return try body(SingleSample(shape: inputShape, values: sample))
    } catch {
      throw NumericFault(inputOf: error.layer, sample: nil)
    }
  }

  /// What ``evaluate(_:_:loss:metrics:)`` finds.
  public struct Scores: Sendable {
    /// The loss, and how many samples are classified correctly.
    public var value = LossValue()
    /// The value of each metric.
    public var metrics: [MetricValue] = []
    /// The number of each sample's largest output.
    public var predictions: [Int32] = []
    /// Of each sample, where they were asked for.
    public var confidences: [Confidence] = []
  }

  /// What a network thinks of a sample with a class, in probabilities where its outputs stand for such.
  public struct Confidence: Hashable, Sendable {
    /// The share of the largest output.
    public var predicted: Float = 0
    /// The share of the sample's own class.
    public var own: Float = 0

    /// Both shares.
    public init(predicted: Float = 0, own: Float = 0) {
      (self.predicted, self.own) = (predicted, own)
    }
  }

  /// The loss, which is not finite where a sample or its target is not, and some metrics over the
  /// samples with these numbers, at least one for a metric.
  public func evaluate(
    _ source: some SampleSource, _ numbers: [Int32], loss: any Loss, metrics: [any Metric] = []
  ) -> Scores {
    evaluate(source, numbers, loss: loss, smoothing: nil, metrics: metrics)
  }

  /// The same with a loss that sees smoothed targets; metrics never do.
  ///
  /// - Parameter withConfidences: whether ``Scores/confidences`` are wanted, of samples with classes.
  package func evaluate(
    _ source: some SampleSource, _ numbers: [Int32], loss: any Loss, smoothing: TargetSmoothing?,
    metrics: [any Metric] = [], withConfidences: Bool = false
  ) -> Scores {
    source.targets.verify(outputs: outputShape)
    let judge = Judge(
      head: Head(network, loss), smoothing: smoothing, metrics: metrics,
      hasClasses: source.targets == .classes, outputs: outputShape.count)
    let chunk = chunk
    var values = [LossValue](repeating: LossValue(), count: (numbers.count + chunk - 1) / chunk)
    // Those of a chunk are its own, so that they are added up in the order of the chunks.
    var sums = [Double](repeating: 0, count: values.count * judge.sumCount)
    var scores = Scores()
    scores.predictions = [Int32](repeating: 0, count: numbers.count)
    let wanted = withConfidences && source.targets == .classes
    var confidences = [Confidence](repeating: Confidence(), count: wanted ? numbers.count : 0)
    let faulty = values.withUnsafeMutableBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        scores.predictions.withUnsafeMutableBufferPointer { predictions in
          confidences.withUnsafeMutableBufferPointer { confidences in
            run(source, numbers, withTargets: true) { workspace, _, range in
              let batch = workspace.outputBatch, number = range.lowerBound / chunk
              values[number] = judge.loss(of: batch)
              if workspace.faultyTarget != nil { values[number].sum = .nan }
              if judge.sumCount > 0, let start = sums.baseAddress {
                judge.add(batch, to: start + number * judge.sumCount)
              }
              for n in 0..<range.count {
                predictions[range.lowerBound + n] = Int32(batch.largestOutput(of: n))
              }
              if wanted { judge.confidences(of: batch, into: confidences, from: range.lowerBound) }
            }
          }
        }
      }
    }
    scores.confidences = confidences
    scores.value = values.reduce(into: LossValue()) { $0 += $1 }
    if faulty != nil { scores.value.sum = .nan }
    scores.metrics = judge.values(of: sums, samples: numbers.count)
    return scores
  }

  /// The number of threads that work.
  var threads: Int { pool.threads }

  /// Runs the samples with these numbers chunk by chunk and passes each chunk's workspace on, with
  /// the number of the worker and the chunk's offset among the numbers, in any order.
  ///
  /// - Returns: where among the numbers the first sample is that is not finite.
  func run(
    _ source: some SampleSource, _ numbers: [Int32], withTargets: Bool,
    _ take: (borrowing Workspace, _ worker: Int, Range<Int>) -> Void
  ) -> Int? {
    require(
      source.sampleShape == inputShape,
      "the network takes \(inputShape), the samples are \(source.sampleShape)")
    require(
      !pool.isInsideTask,
      "a predictor is used inside a task of its own pool: whoever else uses both would wait for ever"
    )
    return lock.withLock { runAlone(source, numbers, withTargets: withTargets, take) }
  }

  private func runAlone(
    _ source: some SampleSource, _ numbers: [Int32], withTargets: Bool,
    _ take: (borrowing Workspace, _ worker: Int, Range<Int>) -> Void
  ) -> Int? {
    for i in workspaces.indices { workspaces[i].makeScratch(for: source) }
    let arrays = prepared.arrays(network)
    let graph = graph
    let nodes = 0..<graph.nodes.count
    let faulty = Atomic<Int>(.max)
    numbers.withUnsafeBufferPointer { numbers in
      workspaces.withUnsafeMutableBufferPointer { workspaces in
        if numbers.count == 1, let shared {
          workspaces[0].load(numbers, from: source, withTargets: withTargets)
          shared.forward(workspaces, arrays: arrays, on: pool)
          take(workspaces[0], 0, 0..<1)
          faulty.store(workspaces[0].faultySample ?? .max, ordering: .relaxed)
          return
        }
        pool.run((numbers.count + chunk - 1) / chunk) { worker, task in
          let range = task * chunk..<min((task + 1) * chunk, numbers.count)
          workspaces[worker].load(
            UnsafeBufferPointer(rebasing: numbers[range]), from: source, withTargets: withTargets)
          workspaces[worker].forward(graph, nodes: nodes, arrays: arrays, mode: .inference)
          take(workspaces[worker], worker, range)
          if let sample = workspaces[worker].faultySample {
            faulty.min(range.lowerBound + sample, ordering: .relaxed)
          }
        }
      }
    }
    let first = faulty.load(ordering: .relaxed)
    return first < numbers.count ? first : nil
  }
}
