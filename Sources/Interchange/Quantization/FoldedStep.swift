import NeuralNetwork

/// A step of a network in which normalizations have become part of weights, and rectifiers part of sums.
struct FoldedStep {
  /// The name of the layer that the step is for the most part.
  let name: String
  /// What it computes.
  var operation: Operation
  /// The numbers of the activations it reads, which are those of the network.
  var inputs: [Int]
  /// The number of the activation it writes.
  var output: Int
  /// The number of the last node whose work it does; that node writes its output.
  var lastNode: Int
  /// Below and above what its outputs are cut, where they are.
  var bounds: ClosedRange<Double>?

  /// What a step computes.
  enum Operation {
    case weightedSum(WeightedSum)
    case function(any ActivationSpec)
    /// x above 0, slope · x elsewhere, with a slope for each number of the last axis, or of the sample.
    case slopes([Float])
    case maxPooling(SlidingWindow)
    case averagePooling(SlidingWindow)
    case padding(Margins)
    case upSampling(Extent2D)
    case softmax
    case sum
    case product
    case concatenation
  }

  /// Whether a rectifier behind it can become part of it.
  var takesBounds: Bool {
    guard bounds == nil else { return false }
    switch operation {
    case .weightedSum, .sum: return true
    default: return false
    }
  }
}

/// Sums of inputs with weights: a convolution, or a dense layer as one of a single position.
struct WeightedSum {
  /// How the kernel slides.
  let window: SlidingWindow
  /// `[kernel height, kernel width, channels per group, outputs]`.
  private(set) var kernel: [Double]
  /// `[outputs]`.
  private(set) var bias: [Double]

  private var outputs: Int { window.output.channels }

  /// A layer's variables as they are.
  init(_ window: SlidingWindow, kernel: [Float], bias: [Float]?) {
    self.window = window
    self.kernel = kernel.map(Double.init)
    self.bias = bias?.map(Double.init) ?? [Double](repeating: 0, count: window.output.channels)
  }

  /// The scaling of each number, or of each channel, by itself.
  init(_ scaling: ChannelScaling, of shape: Shape) {
    window = SlidingWindow(each: shape)
    let channels = 0..<window.output.channels
    kernel = channels.map { scaling.factor($0) }
    bias = channels.map { scaling.offset($0) }
  }

  /// The weights of an output, `[kernel height, kernel width, channels per group]`.
  func weights(of output: Int) -> [Double] {
    stride(from: output, to: kernel.count, by: outputs).map { kernel[$0] }
  }

  /// The same sums, with what comes behind them done.
  mutating func follow(with scaling: ChannelScaling) {
    for i in kernel.indices { kernel[i] *= scaling.factor(i % outputs) }
    for o in bias.indices { bias[o] = bias[o] * scaling.factor(o) + scaling.offset(o) }
  }

  /// The same sums of inputs on which that has been done. There is no padding: it would have to be scaled too.
  mutating func precede(with scaling: ChannelScaling) {
    let perGroup = window.channelsPerGroup
    for i in kernel.indices {
      let output = i % outputs
      let channel = output / window.outputsPerGroup * perGroup + i / outputs % perGroup
      bias[output] += kernel[i] * scaling.offset(channel)
      kernel[i] *= scaling.factor(channel)
    }
  }
}

/// A factor and an offset for each channel: what is left of a normalization when nothing trains.
struct ChannelScaling {
  private let factors: [Double]
  private let offsets: [Double]

  /// With as many factors as offsets; number n has those of channel n modulo their number.
  init(factors: [Double], offsets: [Double]) { (self.factors, self.offsets) = (factors, offsets) }

  /// The number of channels; 1 where all are scaled alike.
  var channels: Int { factors.count }

  func factor(_ number: Int) -> Double { factors[number % factors.count] }
  func offset(_ number: Int) -> Double { offsets[number % offsets.count] }
}
