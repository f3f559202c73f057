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
    #expect(relativeError(-80, 80, mc_silu_forward) { $0 / (1 + exp(-$0)) } < 1e-6)
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
    #expect(values(mc_relu6_forward)[0].isNaN && values(mc_silu_forward)[0].isNaN)
    #expect(values(mc_relu6_forward)[1...] == [6, 0, 6, 0, 0])
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
    check("silu", { sigmoid($0) * (1 + $0 * (1 - sigmoid($0))) }) {
      mc_silu_backward($0, x, $1, $2)
    }
    let six = x.map { min(max($0 * 3, 0), 6) }
    check("relu6", { $0 > 0 && $0 < 2 ? 1 : 0 }) { mc_relu6_backward($0, six, $1, $2) }
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
    // Cut anywhere, with the parts of a cut as the largest subtrees that fit, the sum is the same.
    for cut in 0...shards {
      var sums: [[Float]] = [], heights: [UInt8] = []
      for range in [0..<cut, cut..<shards] {
        var first = range.lowerBound
        while first < range.upperBound {
          var height = first == 0 ? 30 : first.trailingZeroBitCount
          while first + (1 << height) > range.upperBound { height -= 1 }
          var sum = [Float](repeating: 0, count: 19)
          mc_sum_shards(19, 1 << height, 19, memory + first * 19, &sum)
          sums.append(sum)
          heights.append(UInt8(height))
          first += 1 << height
        }
      }
      var total = [Float](repeating: 0, count: 19)
      let flat = sums.flatMap { $0 }
      flat.withUnsafeBufferPointer { flat in
        let pointers = sums.indices.map { part in flat.baseAddress.map { $0 + 19 * part } }
        mc_sum_subtrees(19, sums.count, heights, pointers, &total)
      }
      #expect(total == level[0], "cut at \(cut)")
    }
    mc_sum_shards(19, shards, 19, memory, memory)
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

  // The same hash and the same two uniform numbers as the loop's, through the mathematical library.
  private func plainNoise(_ i: UInt32, key: UInt64) -> Double {
    var z = key &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 32)) &* 0xD6E8_FEB8_6659_FD93
    z = (z ^ (z >> 32)) &* 0xD6E8_FEB8_6659_FD93
    let first = UInt32(truncatingIfNeeded: z), second = UInt32(truncatingIfNeeded: z >> 32)
    var h = i ^ first
    h = (h ^ (h >> 16)) &* 0x9E37_79B1 ^ second
    h = (h ^ (h >> 15)) &* 0x85EB_CA77
    h = (h ^ (h >> 13)) &* 0xC2B2_AE3D
    h ^= h >> 16
    var g = (h ^ first) &* 0x7FEB_352D
    g = (g ^ (g >> 15)) &* 0x846C_A68B
    g ^= g >> 16
    let u = Double(Float(h >> 8) + 0.5) * 0x1p-24, v = Double(g >> 8) * 0x1p-24
    return -sqrt(-2 * log(u)) * cos(2 * .pi * v)
  }

  @Test func noiseIsNormalAndRepeats() {
    let count = 200_003, zeros = [Float](repeating: 0, count: count)
    var y = zeros
    mc_gaussian_noise(count, 5, 1, zeros, &y)
    expectClose(
      y, (0..<count).map { plainNoise(UInt32($0), key: 5) }, tolerance: 1e-6, "plain noise")
    // Five standard deviations of each moment of so many numbers.
    func moment(_ power: Double) -> Double {
      y.reduce(0) { $0 + pow(Double($1), power) } / Double(count)
    }
    let unit = 5 / Double(count).squareRoot()
    #expect(abs(moment(1)) < unit)
    #expect(abs(moment(2) - 1) < unit * 2.0.squareRoot())
    #expect(abs(moment(3)) < unit * 15.0.squareRoot())
    #expect(abs(moment(4) - 3) < unit * 96.0.squareRoot())
    let neighbours = zip(y, y.dropFirst()).reduce(0) { $0 + Double($1.0 * $1.1) } / Double(count)
    #expect(abs(neighbours) < unit)
    // In place, added, scaled, and the same for a shorter run; another key gives others.
    var part = [Float](repeating: 2, count: 777)
    part.withUnsafeMutableBufferPointer { part in
      guard let part = part.baseAddress else { return }
      mc_gaussian_noise(777, 5, 0.5, UnsafePointer(part), part)
    }
    expectClose(part, y[..<777].map { 2 + Double($0) / 2 }, tolerance: 1e-6, "scaled noise")
    var other = zeros
    mc_gaussian_noise(count, 6, 1, zeros, &other)
    let common = zip(y, other).reduce(0) { $0 + Double($1.0 * $1.1) } / Double(count)
    #expect(abs(common) < unit)
  }

  @Test(arguments: [(1, 1), (3, 5), (40, 16), (7, 33)]) func slopesOfColumns(
    rows: Int, columns: Int
  ) {
    var numbers = Numbers(seed: 3)
    let count = rows * columns
    let x = numbers.array(count), dy = numbers.array(count), alpha = numbers.array(columns)
    let start = numbers.array(columns)
    var y = x, dx = dy, dalpha = start
    mc_prelu_forward(rows, columns, alpha, x, &y)
    mc_prelu_backward(rows, columns, alpha, x, dy, &dalpha, &dx)
    let slopes = (0..<count).map { x[$0] > 0 ? 1 : alpha[$0 % columns] }
    #expect(y == zip(x, slopes).map(*))
    #expect(dx == zip(dy, slopes).map(*))
    var expected = start.map(Double.init)
    for i in 0..<count where x[i] <= 0 { expected[i % columns] += Double(dy[i]) * Double(x[i]) }
    expectClose(dalpha, expected, tolerance: 1e-6, "dalpha")
  }

  @Test func sums() {
    var numbers = Numbers(seed: 1)
    let x = numbers.array(101), z = numbers.array(101)
    let squares = x.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(mc_sum_of_squares(101, x) - squares) < 1e-12 * squares)
    var y = z
    mc_accumulate(101, x, &y)
    #expect(y == zip(z, x).map(+))
    mc_scale(101, 2, &y)
    #expect(y == zip(z, x).map { ($0 + $1) * 2 })
    mc_fill(101, 3, &y)
    #expect(y.allSatisfy { $0 == 3 })
    mc_rescale(101, 2, -1, x, &y)
    expectClose(y, x.map { Double($0) * 2 - 1 }, tolerance: 1e-6, "rescaled")
    mc_bytes_to_floats(4, 0.5, -1, [0, 1, 128, 255], &y)
    #expect(y[..<4] == [-1, -0.5, 63, 126.5])
  }
}
