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
  let chunk: Int
  private(set) var network: Network
  private let graph: Graph
  private let inputShape: Shape
  let outputShape: Shape
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
