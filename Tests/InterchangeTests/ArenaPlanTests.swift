import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// Where what is between the layers lies.
@Suite struct ArenaPlanTests {
  typealias Buffer = ArenaPlan.Buffer

  @Test func buffersThatLiveTogetherNeverOverlap() {
    var random = SplitMix64(state: 5)
    for _ in 0..<200 {
      let buffers = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        let start = Int.random(in: 0...9, using: &random)
        return Buffer(
          size: Int.random(in: 0...40, using: &random),
          steps: start...start + Int.random(in: 0...4, using: &random))
      }
      let plan = ArenaPlan(buffers, alignment: 4)
      var needed = 0
      for step in 0..<14 {
        let live = buffers.indices.filter { buffers[$0].steps.contains(step) }
        needed = max(needed, live.reduce(0) { $0 + (buffers[$1].size + 3) / 4 * 4 })
        for a in live {
          #expect(plan.offsets[a] % 4 == 0)
          #expect(plan.offsets[a] + buffers[a].size <= plan.size)
          for b in live where a < b && buffers[a].size > 0 && buffers[b].size > 0 {
            let (first, second) = (plan.offsets[a], plan.offsets[b])
            #expect(first + buffers[a].size <= second || second + buffers[b].size <= first)
          }
        }
      }
      // What is live at once is the least; a plan this small is rarely far from it.
      #expect(plan.size >= needed && plan.size <= 2 * needed)
    }
  }

  @Test func aChainTakesNoMoreThanItsLargestNeighbours() {
    let sizes = [784, 1960, 3136, 980, 980, 20]
    let plan = ArenaPlan(sizes.enumerated().map { Buffer(size: $1, steps: $0...$0 + 1) })
    #expect(plan.size == 1960 + 3136)
  }

  @Test func aFunctionOfEachNumberWorksInPlaceUnlessItsInputIsReadLater() throws {
    let chain = ModelSpec("chain", input: [8, 8, 1]) {
      Conv2D(filters: 4, kernel: 3, padding: .same)
      Tanh()
      GELU()
      Flatten()
      Dense(units: 3)
    }
    // The image and the convolution, on which both functions work.
    #expect(CMemory(try CGraph(CSupport.network(chain))).count == 64 + 256)
    let block = ModelSpec("block", input: [8, 8, 1]) {
      Conv2D(filters: 4, kernel: 3, padding: .same)
      Residual { GELU() }
      Flatten()
      Dense(units: 3)
    }
    #expect(CMemory(try CGraph(CSupport.network(block))).count == 256 + 256)
  }

  @Test func aConvolutionKeepsOnePixelForEachWindowThatDoesNotOverlap() throws {
    func count(stride: Extent2D) throws -> Int {
      let spec = ModelSpec("pool", input: [8, 8, 1]) {
        Conv2D(filters: 4, kernel: 3, padding: .same)
        ReLU()
        MaxPool2D(window: 2, stride: stride)
        Flatten()
        Dense(units: 3)
      }
      return CMemory(try CGraph(CSupport.network(spec))).count
    }
    #expect(try count(stride: 2) == 64 + 4 * 4 * 4 + 4)
    #expect(try count(stride: 1) == 256 + 7 * 7 * 4)
  }
}
