import NeuralNetwork
import Testing
import Training

@Suite struct EvaluationTests {
  /// Three samples of two numbers; the network passes them on as logits.
  struct Three: SampleSource {
    let rows: [[Float]] = [[2, 1], [0, 1], [3, 0]]
    let labels: [Int32] = [0, 0, 1]
    var count: Int { 3 }
    var sampleShape: Shape { [2] }

    func copySamples(
      _ numbers: UnsafeBufferPointer<Int32>, to samples: UnsafeMutablePointer<Float>
    ) {
      for (i, number) in numbers.enumerated() {
        for j in 0..<2 { samples[2 * i + j] = rows[Int(number)][j] }
      }
    }

    func copyLabels(_ numbers: UnsafeBufferPointer<Int32>, to labels: UnsafeMutablePointer<Int32>) {
      for (i, number) in numbers.enumerated() { labels[i] = self.labels[Int(number)] }
    }
  }

  @Test func countsAreRight() throws {
    let network = try Network(ModelSpec("pass", input: [2]) { Flatten() }, seed: 1)
    let evaluation = Evaluation(network, on: Three(), threads: 1)
    #expect(evaluation.correct == 1 && evaluation.samples == 3)
    #expect(evaluation.predictions == [0, 1, 0])
    #expect(evaluation.confusion == [[1, 1], [1, 0]])
    #expect(evaluation.classes.map(\.precision) == [0.5, 0])
    #expect(evaluation.classes.map(\.recall) == [0.5, 0])
    #expect(evaluation.classes.map(\.support) == [2, 1])
    // log(1 + 1/e), log(1 + e), log(1 + e³), by hand.
    let expected = (0.313_261_69 + 1.313_261_69 + 3.048_587_35) / 3
    #expect(abs(evaluation.loss - expected) < 1e-6)
    // Wilson's interval of 1 in 3, from a table.
    #expect(abs(evaluation.interval.lowerBound - 0.061_49) < 1e-4)
    #expect(abs(evaluation.interval.upperBound - 0.792_34) < 1e-4)
  }
}
