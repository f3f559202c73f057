import Platform

/// Samples, and what a network should make of them, that can be fetched by number from any thread.
///
/// Targets are floats, as many as the network has outputs. A source whose samples have classes need
/// only tell those (``copyLabels(_:to:)``); the target of a class is 1 at its output and 0 at the
/// others. One whose samples have other targets, or none, says so in ``targets``.
public protocol SampleSource: Sendable {
  /// The number of samples.
  var count: Int { get }
  /// The shape of one sample.
  var sampleShape: Shape { get }
  /// What the samples' targets are; classes where a source does not say.
  var targets: TargetKind { get }

  /// Writes the samples with these numbers, each of ``sampleShape``, one after the other.
  /// Overwrites `samples`.
  func copySamples(_ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>)
  /// Writes the numbers of their classes, from 0; called only where they have classes. Overwrites
  /// `labels`.
  func copyLabels(_ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>)
  /// Writes their targets. Overwrites `targets`, `[numbers, outputs]`.
  ///
  /// - Parameter outputs: how many the network has; that of ``targets`` where they are values.
  func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>)

  /// A digest of all samples and targets in hexadecimal, by which a run recognizes its data; `nil`
  /// where there is none. May take as long as reading every sample.
  var sha256: String? { get }
  /// The number of floats of working memory that the functions with `scratch` take; never changes.
  var scratchCount: Int { get }
  /// Writes the same as ``copySamples(_:to:)``, with working memory of the caller: each thread that
  /// fetches brings its own, allocated once, so that a training step allocates none.
  ///
  /// - Parameter scratch: ``scratchCount`` floats, of any content. Overwritten.
  func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>)
  /// Writes the same as ``copyTargets(_:outputs:to:)``, likewise.
  func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>)
}

/// What the samples of a source should be turned into.
public enum TargetKind: Hashable, Sendable {
  /// A class each.
  case classes
  /// Numbers of this shape each.
  case values(Shape)
  /// Nothing is known: samples to predict.
  case none

  /// Ends the program where a network with these outputs has no such targets.
  func verify(outputs shape: Shape) {
    require(self != .none, "samples without targets cannot be judged; expected classes or values")
    if case .values(let targets) = self {
      require(
        targets.count == shape.count,
        "the network gives \(shape), the targets are \(targets)")
    }
  }
}

extension SampleSource {
  /// Classes by default.
  public var targets: TargetKind { .classes }
  /// No digest by default.
  public var sha256: String? { nil }
  /// No working memory by default.
  public var scratchCount: Int { 0 }

  /// Samples have no classes by default.
  public func copyLabels(
    _ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>
  ) {
    fatalError(
      "\(Self.self) says that its samples have classes (`targets`), but tells none: implement"
        + " copyLabels, or state `targets` as .values(shape) or .none")
  }

  /// Those of classes by default (``copyOneHotTargets(_:outputs:to:)``).
  public func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
  ) {
    require(self.targets == .classes, "these samples have no targets")
    copyOneHotTargets(numbers, outputs: outputs, to: targets)
  }

  /// Writes 1 at the output of each sample's class, which there must be, and 0 at the others. Overwrites
  /// `targets`, `[numbers, outputs]`; allocates nothing.
  public func copyOneHotTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>
  ) {
    targets.update(repeating: 0, count: numbers.count * outputs)
    forEachLabel(numbers) { i, label in
      require(
        label >= 0 && label < outputs,
        "label \(label) of \(outputs) outputs; expected 0 to \(outputs - 1)")
      targets[i * outputs + label] = 1
    }
  }

  /// Needs no working memory by default.
  public func copySamples(
    _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    copySamples(numbers, to: samples)
  }

  /// Needs no working memory by default.
  public func copyTargets(
    _ numbers: UnsafeBufferPointer<Int32>, outputs: Int, to targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    copyTargets(numbers, outputs: outputs, to: targets)
  }

  /// The classes of the samples with these numbers.
  package func labels(_ numbers: [Int32]) -> [Int32] {
    var labels = [Int32](repeating: 0, count: numbers.count)
    numbers.withUnsafeBufferPointer { numbers in
      labels.withUnsafeMutableBufferPointer {
        if let target = $0.baseAddress { copyLabels(numbers, to: target) }
      }
    }
    return labels
  }

  /// Passes on the index and the class of each sample; allocates nothing.
  private func forEachLabel(
    _ numbers: UnsafeBufferPointer<Int32>, _ body: (_ index: Int, _ label: Int) -> Void
  ) {
    // What is larger would be on the heap.
    let most = 64
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: most) { labels in
      guard let start = labels.baseAddress else { return }
      for first in stride(from: 0, to: numbers.count, by: most) {
        let part = first..<min(first + most, numbers.count)
        copyLabels(UnsafeBufferPointer(rebasing: numbers[part]), to: start)
        for i in part { body(i, Int(start[i - first])) }
      }
    }
  }
}
