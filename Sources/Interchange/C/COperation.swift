import NeuralNetwork

/// What a step of a C file computes.
enum COperation {
  /// The bytes of the image as floats, divided by 255.
  case image
  /// A convolution, grouped or depthwise ones too, and the maximum of each window of it where one is given.
  case convolution(SlidingWindow, CWeights, SlidingWindow?)
  /// A transposed convolution, whose window is that of the convolution from its output to its input.
  case transposedConvolution(SlidingWindow, CWeights)
  /// A dense layer.
  case dense(CWeights)
  /// The maximum of each window.
  case maxPool(SlidingWindow)
  /// The mean of each window.
  case avgPool(SlidingWindow)
  /// Each pixel so many times.
  case upSampling(Extent2D, UpSampling2D.Interpolation)
  /// Zeros round the image.
  case zeroPadding(Margins)
  /// A function of each number.
  case activation(CActivation)
  /// A slope below 0 for each channel, or for each number.
  case prelu([Float])
  /// e^x / Σ e^x over the channels.
  case softmax
  /// A factor and a summand for each channel.
  case scaleShift([Float], [Float])
  /// Groups of channels by their mean and variance.
  case groupNorm(groups: Int, epsilon: Float, gamma: [Float]?, beta: [Float]?)
  /// So many numbers together by their mean and variance.
  case layerNorm(columns: Int, epsilon: Float, gamma: [Float]?, beta: [Float]?)
  /// The sum of two values.
  case add
  /// The product of two values, the second one for each number or for each channel.
  case multiply
  /// Values side by side along the channels.
  case concatenate

  /// Whether a number of the output may overwrite that of an input at the same place.
  var isInPlace: Bool {
    switch self {
    case .activation, .prelu, .softmax, .scaleShift, .groupNorm, .layerNorm, .add, .multiply: true
    case .image, .convolution, .transposedConvolution, .dense, .maxPool, .avgPool, .upSampling,
      .zeroPadding, .concatenate:
      false
    }
  }

  /// The floats it needs besides its output.
  var scratch: Int {
    if case .convolution(let window, _, _?) = self { window.output.channels } else { 0 }
  }

  /// The same with its output multiplied by a factor for each channel and a summand added, where its weights can
  /// take that over.
  func scaled(by scale: [Float], adding shift: [Float]) -> COperation? {
    switch self {
    case .convolution(let window, let weights, nil):
      .convolution(window, weights.scaled(by: scale, adding: shift), nil)
    case .transposedConvolution(let window, let weights):
      .transposedConvolution(window, weights.scaled(by: scale, adding: shift))
    case .dense(let weights): .dense(weights.scaled(by: scale, adding: shift))
    default: nil
    }
  }
}

/// A function of one number.
enum CActivation {
  case relu, relu6, leakyReLU(slope: Float), elu(alpha: Float), gelu, silu, sigmoid, tanh
  case rescaling(scale: Float, offset: Float)

  /// Whether the function of a window's maximum is the maximum of the function: it never decreases, and is 0 at 0,
  /// as the maximum of padding alone is.
  var passesMaxima: Bool {
    switch self {
    case .relu, .relu6, .tanh: true
    case .leakyReLU(let slope): slope >= 0
    case .elu(let alpha): alpha >= 0
    case .gelu, .silu, .sigmoid, .rescaling: false
    }
  }
}

/// The weights of a convolution or a dense layer.
struct CWeights {
  /// `[taps, inputs, outputs]`, the inputs those of a group.
  let kernel: [Float]
  /// `[outputs]`, where there is one.
  let bias: [Float]?

  /// The same for an output that is multiplied by a factor for each channel, with a summand added.
  func scaled(by scale: [Float], adding shift: [Float]) -> CWeights {
    let outputs = scale.count
    return CWeights(
      kernel: kernel.enumerated().map { $1 * scale[$0 % outputs] },
      bias: shift.enumerated().map { $1 + (bias?[$0] ?? 0) * scale[$0] })
  }
}

extension SlidingWindow {
  /// Whether neighbouring windows share pixels.
  var overlaps: Bool { stride.height < kernel.height || stride.width < kernel.width }

  /// The numbers as the structure of the C file has them.
  var numbers: [Int] {
    [input.rows, input.columns, input.channels, output.rows, output.columns, output.channels]
      + [kernel.height, kernel.width, stride.height, stride.width]
      + [dilation.height, dilation.width, top, left, groups]
  }
}
