import NeuralNetwork
import Testing

@Suite struct RandomTests {
  @Test func aSequenceFollowsFromItsKey() {
    var a = CounterRandom(seed: 7, .shuffle, 1, 2, 3)
    var b = CounterRandom(seed: 7, .shuffle, 1, 2, 3)
    #expect((0..<10).map { _ in a.next() } == (0..<10).map { _ in b.next() })
    let keys = [
      CounterRandom.key(seed: 7, .shuffle, 1, 2, 3), CounterRandom.key(seed: 8, .shuffle, 1, 2, 3),
      CounterRandom.key(seed: 7, .layer, 1, 2, 3), CounterRandom.key(seed: 7, .shuffle, 2, 1, 3),
      CounterRandom.key(seed: 7, .shuffle, 1, 3, 2), CounterRandom.key(seed: 7, .shuffle, 1, 2, -3),
    ]
    #expect(Set(keys).count == keys.count)
  }

  /// A later version must resume a checkpoint of this one with the same numbers.
  @Test func theNumbersStayWhatTheyAre() {
    var random = CounterRandom(seed: 1, .test)
    #expect(
      (0..<3).map { _ in random.next() } == [
        0x564528BF9A0702AC, 0x511DE2C0F2191E00, 0x7361C2F2E3AB1B3F,
      ])
    #expect(
      CounterRandom.permutation(8, using: CounterRandom(seed: 1, .test)) == [
        4, 0, 1, 5, 3, 6, 7, 2,
      ])
  }

  @Test func meansAndVariancesAreRight() {
    var random = CounterRandom(seed: 5, .test)
    let count = 100_000
    let uniform = (0..<count).map { _ in Double(random.uniform()) }
    let normal = (0..<count).map { _ in Double(random.normal()) }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    // Five standard errors.
    #expect(abs(mean(uniform) - 0.5) < 5 * 0.2887 / 316)
    #expect(abs(mean(uniform.map { $0 * $0 }) - 1 / 3) < 5 * 0.2981 / 316)
    #expect(abs(mean(normal)) < 5.0 / 316)
    #expect(abs(mean(normal.map { $0 * $0 }) - 1) < 5 * 1.414 / 316)
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
  }

  @Test func aPermutationHasEveryNumberOnce() {
    let order = CounterRandom.permutation(1000, using: CounterRandom(seed: 3, .shuffle, 4))
    #expect(order != Array(0..<1000))
    #expect(order.sorted() == Array(0..<1000))
  }

  private static let variances: [(Initializer, Double)] = [
    (.glorotUniform, 0.004_210_526), (.glorotNormal, 0.004_210_526),
    (.heUniform, 0.026_666_667), (.heNormal, 0.026_666_667),
  ]

  /// 2 / (fan in + fan out), or 2 / fan in.
  @Test(arguments: variances)
  func initializersHaveKerasVariances(initializer: Initializer, variance: Double) throws {
    // 5×5 places, 3 inputs, 16 filters: fan in 75, fan out 400.
    var squares: [Double] = []
    var largest = 0.0
    for seed in 0..<20 {
      let network = try Network(
        ModelSpec("fan", input: [8, 8, 3]) {
          Conv2D(filters: 16, kernel: 5, initializer: initializer)
        }, seed: UInt64(seed))
      let values = network.values(of: network.layout.entries[0]).map(Double.init)
      #expect(network.values(of: network.layout.entries[1]).allSatisfy { $0 == 0 })
      squares += values.map { $0 * $0 }
      largest = max(largest, values.map { abs($0) }.max() ?? 0)
    }
    let found = squares.reduce(0, +) / Double(squares.count)
    #expect(abs(found / variance - 1) < 0.05)
    let isUniform = initializer == .glorotUniform || initializer == .heUniform
    let bound = isUniform ? (3 * variance).squareRoot() : 2 * variance.squareRoot() / 0.8796
    #expect(largest <= bound * 1.0001 && largest > bound * 0.98)
  }

  /// A scalar has one input and one output, a vector as many as elements.
  @Test(arguments: [([], 1), ([1], 1), ([6], 6)] as [([Int], Int)])
  func initializersFillScalarsAndVectors(shape: [Int], fan: Int) {
    var random = CounterRandom(seed: 3, .test)
    var largest: [Initializer: Float] = [:]
    for initializer in Initializer.allCases {
      for _ in 0..<2000 {
        var values = [Float](repeating: .nan, count: fan)
        initializer.fill(&values, shape: Shape(shape), using: &random)
        #expect(values.allSatisfy { $0.isFinite })
        largest[initializer] = max(largest[initializer] ?? 0, values.map { abs($0) }.max() ?? 0)
      }
    }
    #expect(largest[.zeros] == 0 && largest[.ones] == 1)
    for (initializer, variance) in [(.glorotUniform, 1), (.heUniform, 2)] as [(Initializer, Float)]
    {
      let bound = (3 * variance / Float(fan)).squareRoot()
      let found = largest[initializer] ?? 0
      #expect(found <= bound * 1.0001 && found > bound * 0.99, "\(initializer)")
    }
  }
}
