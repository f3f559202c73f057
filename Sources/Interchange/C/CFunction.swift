/// A function of the C files, in which `NAME` stands for what the file's names begin with.
struct CFunction {
  /// What it is called after the prefix.
  let name: String
  /// The functions and types it uses, which come before it.
  var uses: [CFunction] = []
  /// Whether it calls functions of `<math.h>`.
  var needsMath = false
  /// The most bytes of code it has on a Cortex-M4 or M0+, compiled for size. `Tests/Interop/check_c.py` holds their sums to
  /// what compilers make.
  let codeBytes: Int
  /// Its text.
  let text: String
}

/// The functions that a file has, each once and after those it uses.
struct CFunctionList {
  /// In the order of the file.
  private(set) var functions: [CFunction] = []

  /// Adds a function, after those it uses, unless it is there.
  mutating func add(_ function: CFunction) {
    guard !functions.contains(where: { $0.name == function.name }) else { return }
    for other in function.uses { add(other) }
    functions.append(function)
  }
}

extension CFunction {
  /// All of them.
  static let all: [CFunction] = [
    window, tap, start, addProduct, dense, convolutionPixel, convolution, convolutionMaximum,
    transposedConvolution, maximum, mean, image, relu, relu6, leakyReLU, rescaling, elu, gelu, silu,
    sigmoid, tanh, prelu, scaleShift, add, multiply, copyColumns, zeroPadding, upSamplingNearest,
    between, upSamplingBilinear, softmax, normalize, groupNorm, layerNorm,
  ]

  /// The most bytes of stack of a prediction, on a Cortex-M4 or M0+, without what the C library's functions take.
  static let stackBytes = 320

  /// The text with names that begin with `prefix`.
  func text(prefix: CIdentifier) -> String { text.replacing("NAME_", with: "\(prefix.text)_") }
}
