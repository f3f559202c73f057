import CKernels
import Testing

/// One step of each rule from random slots, against its formula in double precision.
@Suite struct OptimizerTests {
  static let count = 37
  let w0: [Float], g: [Float], m0: [Float], v0: [Float]
  let rate: Float = 0.01, clip: Float = 0.5, l2: Float = 0.02, l1: Float = 0.03, decay: Float = 0.1
  var step: MCStep { MCStep(rate: rate, gradientScale: clip, l2: l2, l1: l1, decay: decay) }

  init() {
    var numbers = Numbers(seed: 12)
    // A weight of 0 has no sign.
    w0 = [0] + numbers.array(Self.count - 1)
    g = numbers.array(Self.count)
    m0 = numbers.array(Self.count)
    v0 = numbers.array(Self.count).map(abs)
  }

  /// Weight after its decay and gradient after clipping, L2 and L1.
  func start(_ i: Int) -> (w: Double, g: Double) {
    let w = Double(w0[i])
    let sign: Double = w > 0 ? 1 : w < 0 ? -1 : 0
    let gradient = Double(clip) * Double(g[i]) + Double(l2) * w + Double(l1) * sign
    return (w - w * Double(decay) * Double(rate), gradient)
  }

  func expect(_ w: [Float], _ what: String, _ step: (Int, Double) -> Double) {
    let expected = w0.indices.map { start($0).w - step($0, start($0).g) }
    expectClose(w, expected, tolerance: 1e-6, what)
  }

  @Test(arguments: [false, true]) func momentum(nesterov: Bool) {
    var w = w0, m = m0
    mc_sgd_update(Self.count, step, 0.9, nesterov, g, &w, &m)
    expect(w, "sgd") { i, g in
      let step = 0.9 * Double(m0[i]) - Double(rate) * g
      return -(nesterov ? 0.9 * step - Double(rate) * g : step)
    }
    w = w0
    mc_sgd_update(Self.count, step, 0, false, g, &w, nil)
    expect(w, "plain sgd") { _, g in Double(rate) * g }
  }

  @Test func adaptiveRules() {
    var w = w0, m = m0, v = v0
    mc_rmsprop_update(Self.count, step, 0.9, 0.5, 1e-3, g, &w, &v, &m)
    expect(w, "rmsprop") { i, g in
      let square = 0.9 * Double(v0[i]) + 0.1 * g * g
      return 0.5 * Double(m0[i]) + Double(rate) * g / (square + 1e-3).squareRoot()
    }
    (w, v) = (w0, v0)
    mc_adagrad_update(Self.count, step, 1e-3, g, &w, &v)
    expect(w, "adagrad") { i, g in
      Double(rate) * g / (Double(v0[i]) + g * g + 1e-3).squareRoot()
    }
    (w, v, m) = (w0, v0, m0)
    mc_adam_update(Self.count, step, 0.02, 0.9, 0.99, 1e-3, g, &w, &m, &v)
    expect(w, "adam") { i, g in
      let first = Double(m0[i]) + (g - Double(m0[i])) * 0.1
      let second = Double(v0[i]) + (g * g - Double(v0[i])) * 0.01
      return 0.02 * first / (second.squareRoot() + 1e-3)
    }
  }
}
