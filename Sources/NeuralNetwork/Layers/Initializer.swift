/// How a variable is filled before training, as Keras does it.
///
/// Glorot: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward
/// neural networks". He: He et al. 2015, "Delving deep into rectifiers".
public enum Initializer: String, CaseIterable, Hashable, SettingValue {
  /// All zeros.
  case zeros
  /// All ones.
  case ones
  /// Uniform in ±√(6 / (fan in + fan out)).
  case glorotUniform = "glorot_uniform"
  /// Normal with variance 2 / (fan in + fan out), cut at two standard deviations.
  case glorotNormal = "glorot_normal"
  /// Uniform in ±√(6 / fan in).
  case heUniform = "he_uniform"
  /// Normal with variance 2 / fan in, cut at two standard deviations.
  case heNormal = "he_normal"

  /// Fills an array of `shape`, whose last two axes are inputs and outputs and whose others are the
  /// taps of a kernel. Overwrites `values`.
  func fill(
    _ values: UnsafeMutablePointer<Float>, shape: Shape, using random: inout CounterRandom
  ) {
    let count = shape.count
    let fanOutAxis = shape.last
    let fanIn = Float(count / max(fanOutAxis, 1))
    let places = shape.rank > 2 ? count / max(shape[shape.rank - 2] * fanOutAxis, 1) : 1
    let fanOut = Float(places * fanOutAxis)
    switch self {
    case .zeros: values.update(repeating: 0, count: count)
    case .ones: values.update(repeating: 1, count: count)
    case .glorotUniform: uniform(values, count, limit: (6 / (fanIn + fanOut)).squareRoot(), &random)
    case .heUniform: uniform(values, count, limit: (6 / fanIn).squareRoot(), &random)
    case .glorotNormal: normal(values, count, variance: 2 / (fanIn + fanOut), &random)
    case .heNormal: normal(values, count, variance: 2 / fanIn, &random)
    }
  }

  private func uniform(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, limit: Float,
    _ random: inout CounterRandom
  ) {
    for i in 0..<count { values[i] = random.uniform(-limit, limit) }
  }

  private func normal(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, variance: Float,
    _ random: inout CounterRandom
  ) {
    // Cutting a standard normal at ±2 leaves this standard deviation; dividing by it restores the
    // variance that was asked for.
    let deviation = variance.squareRoot() / 0.879_625_66
    for i in 0..<count {
      var value = random.normal()
      while abs(value) > 2 { value = random.normal() }
      values[i] = value * deviation
    }
  }
}
