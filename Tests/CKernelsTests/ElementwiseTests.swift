import CKernels
import Foundation
import Testing

@Suite struct ElementwiseTests {
  typealias Loop = (Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  /// The largest relative error over [low, high] in steps that are no round numbers.
  func relativeError(_ low: Float, _ high: Float, _ loop: Loop, _ exact: (Double) -> Double)
    -> Double
  {
    let x = (0..<4003).map { low + (high - low) * Float($0) / 4002 }
    var y = [Float](repeating: 0, count: x.count)
    loop(x.count, x, &y)
    return zip(x, y).map { x, y in
      let truth = exact(Double(x))
      return truth == 0 ? Double(abs(y)) : abs(Double(y) - truth) / abs(truth)
    }.max() ?? 0
  }

  @Test func functionsAgreeWithTheMathematicalLibrary() {
    #expect(relativeError(-80, 80, mc_sigmoid_forward) { 1 / (1 + exp(-$0)) } < 1e-6)
    #expect(relativeError(-1, 1, mc_sigmoid_forward) { 1 / (1 + exp(-$0)) } < 1e-6)
    #expect(relativeError(-20, 20, mc_tanh_forward, tanh) < 1e-6)
    #expect(relativeError(-1, 1, mc_tanh_forward, tanh) < 1e-6)
    #expect(relativeError(-12, 12, mc_gelu_forward) { $0 * erfc(-$0 / sqrt(2)) / 2 } < 1e-6)
    #expect(relativeError(-1, 1, mc_gelu_forward) { $0 * erfc(-$0 / sqrt(2)) / 2 } < 1e-6)
    let elu: Loop = { mc_elu_forward($0, 1, $1, $2) }
    #expect(relativeError(-20, 5, elu) { $0 > 0 ? $0 : expm1($0) } < 1e-6)
    #expect(relativeError(-1, 1, elu) { $0 > 0 ? $0 : expm1($0) } < 1e-6)
  }

  @Test func extremesAndNaN() {
    let x: [Float] = [.nan, .infinity, -.infinity, 200, -200, 0]
    func values(_ loop: Loop) -> [Float] {
      var y = [Float](repeating: 7, count: x.count)
      loop(x.count, x, &y)
      return y
    }
    for loop: Loop in [mc_relu_forward, mc_sigmoid_forward, mc_tanh_forward, mc_gelu_forward] {
      #expect(values(loop)[0].isNaN)
    }
    #expect(values(mc_relu_forward)[1...] == [.infinity, 0, 200, 0, 0])
    #expect(values(mc_sigmoid_forward)[1...] == [1, 0, 1, 0, 0.5])
    #expect(values(mc_tanh_forward)[1...] == [1, -1, 1, -1, 0])
    #expect(mc_largest_magnitude(x.count, x).isNaN)
    #expect(mc_largest_magnitude(3, [1, -5, 2]) == 5)
  }

  @Test(arguments: [0, 1, 15, 16, 37]) func gradients(count: Int) {
    var numbers = Numbers(seed: 9)
    let x = numbers.array(count).map { $0 * 3 }, dy = numbers.array(count)
    func check(_ what: String, _ slope: (Double) -> Double, _ loop: Loop) {
      // In place, as the layers call it.
      var dx = dy
      dx.withUnsafeMutableBufferPointer { d in
        if let d = d.baseAddress { loop(count, UnsafePointer(d), d) }
      }
      expectClose(dx, zip(x, dy).map { slope(Double($0)) * Double($1) }, tolerance: 2e-6, what)
    }
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    func phi(_ x: Double) -> Double { erfc(-x / sqrt(2)) / 2 }
    func density(_ x: Double) -> Double { exp(-x * x / 2) / sqrt(2 * .pi) }
    let y = x.map { Float(sigmoid(Double($0))) }, t = x.map { Float(tanh(Double($0))) }
    let e = x.map { Float($0 > 0 ? Double($0) : expm1(Double($0))) }
    check("relu", { $0 > 0 ? 1 : 0 }) { mc_relu_backward($0, x, $1, $2) }
    check("leaky relu", { $0 > 0 ? 1 : Double(Float(0.1)) }) {
      mc_leaky_relu_backward($0, 0.1, x, $1, $2)
    }
    check("elu", { $0 > 0 ? 1 : exp($0) }) { mc_elu_backward($0, 1, x, e, $1, $2) }
    check("sigmoid", { sigmoid($0) * (1 - sigmoid($0)) }) { mc_sigmoid_backward($0, y, $1, $2) }
    check("tanh", { 1 - tanh($0) * tanh($0) }) { mc_tanh_backward($0, t, $1, $2) }
    check("gelu", { phi($0) + $0 * density($0) }) { mc_gelu_backward($0, x, $1, $2) }
  }

  @Test(arguments: [1, 2, 3, 5, 7, 8, 65, 130]) func shardsAreJoinedByTheTree(shards: Int) {
    var numbers = Numbers(seed: 4)
    let parts = (0..<shards).map { _ in numbers.array(19) }
    var level = parts
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map { i in
        i + 1 < level.count ? zip(level[i], level[i + 1]).map(+) : level[i]
      }
    }
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: shards * 19)
    defer { memory.deallocate() }
    for (i, part) in parts.enumerated() {
      memory.advanced(by: i * 19).initialize(from: part, count: 19)
    }
    let pointers = (0..<shards).map { UnsafePointer(memory + $0 * 19) as UnsafePointer<Float>? }
    mc_sum_shards(19, shards, pointers, memory)
    #expect(Array(UnsafeBufferPointer(start: memory, count: 19)) == level[0])
  }

  @Test func dropoutKeepsItsShareAndRepeats() {
    let count = 40_001, ones = [Float](repeating: 1, count: count)
    for (key, rate) in [(UInt64(1), Float(0.25)), (2, 0.5), (1 << 40, 0.9), (3, 0)] {
      var y = ones
      mc_dropout(count, key, rate, ones, &y)
      let kept = y.filter { $0 != 0 }
      #expect(kept.allSatisfy { $0 == 1 / (1 - rate) })
      // Five standard deviations.
      let spread = 5 * (Double(count) * Double(rate * (1 - rate))).squareRoot()
      #expect(abs(Double(kept.count) - Double(count) * Double(1 - rate)) <= spread)
      // The same for a shorter run and in place; another key drops others.
      var part = Array(ones[..<777])
      mc_dropout(777, key, rate, ones, &part)
      #expect(part == Array(y[..<777]))
      if rate > 0 {
        var other = ones
        mc_dropout(count, key &+ 1, rate, ones, &other)
        #expect(other != y)
        // Neighbours are independent: as many pairs are kept as the square of the share.
        let pairs = zip(y, y.dropFirst()).filter { $0 != 0 && $1 != 0 }.count
        let share = Double((1 - rate) * (1 - rate))
        #expect(abs(Double(pairs) / Double(count) - share) < 0.02)
      }
    }
  }

  @Test func sums() {
    var numbers = Numbers(seed: 1)
    let x = numbers.array(101), z = numbers.array(101)
    let squares = x.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(mc_sum_of_squares(101, x) - squares) < 1e-12 * squares)
    var y = z
    mc_accumulate(101, x, &y)
    #expect(y == zip(z, x).map(+))
    mc_add(101, x, z, &y)
    #expect(y == zip(x, z).map(+))
    mc_scale(101, 2, &y)
    #expect(y == zip(x, z).map { ($0 + $1) * 2 })
    mc_fill(101, 3, &y)
    #expect(y.allSatisfy { $0 == 3 })
    mc_bytes_to_floats(4, 0.5, -1, [0, 1, 128, 255], &y)
    #expect(y[..<4] == [-1, -0.5, 63, 126.5])
  }
}
