import Foundation
import ImageData
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

@testable import Training

/// Predictions that are means over several views of each image.
@Suite struct ViewsTests {
  static func network(_ layers: [any LayerSpec] = [Flatten(), Dense(units: 3)]) throws -> Network {
    try Network(ModelSpec("views", input: [5, 5, 1], layers: layers), seed: 4)
  }

  static let samples = ListedSamples.random([5, 5, 1], count: 37, classes: 3)

  private func pixels(_ view: String, _ values: [Float], shape: Shape = [3, 3, 1]) throws -> [Float]
  {
    let base = ListedSamples(shape: shape, values: values, labels: [0])
    let views = ViewedSamples.all(base, try Views(view))
    var result = [Float](repeating: .nan, count: shape.count)
    [Int32(0)].withUnsafeBufferPointer { numbers in
      result.withUnsafeMutableBufferPointer {
        if let start = $0.baseAddress { views[1].copySamples(numbers, to: start) }
      }
    }
    return result
  }

  @Test func whatAViewShows() throws {
    let image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    #expect(try pixels("right=1", image) == [0, 1, 2, 0, 4, 5, 0, 7, 8])
    #expect(try pixels("down=1", image) == [0, 0, 0, 1, 2, 3, 4, 5, 6])
    #expect(try pixels("down=-0.5", image) == [2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 3.5, 4, 4.5])
    let turned = try pixels("rotation=90", image)
    #expect(zip(turned, [7, 4, 1, 8, 5, 2, 9, 6, 3]).allSatisfy { abs($0 - $1) < 1e-5 })
    let grown = try pixels("scale=2", image)
    #expect(zip(grown, [3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7]).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(try pixels("right=1", [1, 2, 3, 4], shape: [1, 2, 2]) == [0, 0, 1, 2])
  }

  @Test func theMeanIsThatOfTheViewsProbabilities() throws {
    let network = try Self.network(), views = try Views("rotation=10 down=1,scale=0.9")
    let numbers = Array(0..<37)
    let parts = try ViewedSamples.all(Self.samples, views).map {
      try Classifier(network).predict($0, numbers).map(\.values)
    }
    #expect(parts.count == 3)
    let found = try Classifier(network, views: views, threads: 2).predict(Self.samples, numbers)
    let evaluation = Evaluation(network, on: Self.samples, views: views)
    var loss = 0.0
    for n in numbers {
      for c in 0..<3 {
        let mean = (parts[0][n][c] + parts[1][n][c] + parts[2][n][c]) / 3
        #expect(abs(found[n].values[c] - mean) < 1e-6)
      }
      loss -= Double(log(found[n].values[Int(Self.samples.labels[n])]))
      #expect(Int(evaluation.predictions[n]) == found[n].class)
    }
    #expect(abs(evaluation.loss - loss / 37) < 1e-5)
    #expect(evaluation.samples == 37 && evaluation.confusion.joined().reduce(0, +) == 37)
    // A sample that is no longer in its set is the same sample.
    let alone = try Classifier(network, views: views).predict(Array(Self.samples.values[..<25]))
    #expect(alone.values == found[0].values)
  }

  @Test func withoutOthersTheyAreTheImageAsItIs() throws {
    let network = try Self.network([Flatten(), Dense(units: 3), Softmax()])
    let plain = Evaluation(network, on: Self.samples)
    let same = Evaluation(network, on: Self.samples, views: try Views("scale=1"))
    #expect(plain.predictions == same.predictions)
    #expect(abs(plain.loss - same.loss) < 1e-6)
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() throws {
    let network = try Self.network(), views = try Views("rotation=4 rotation=-4 scale=1.07")
    let results = [1, 2, 3, 8].map {
      Evaluation(network, on: Self.samples, views: views, threads: $0)
    }
    for result in results.dropFirst() {
      #expect(result.loss == results[0].loss && result.predictions == results[0].predictions)
    }
  }

  @Test func textsAreReadBack() throws {
    let text = "rotation=-4.0 scale=0.93,down=1.0"
    #expect(try Views(text).text == text)
    #expect(try Views("none").all == [ImageView()])
    func complaint(_ text: String) -> String { TestSupport.complaint { _ = try Views(text) } }
    #expect(
      complaint("rotation=4 turn=3")
        == "views: expected a key of rotation, scale, shear, down, right, found turn")
    #expect(complaint("scale=0") == "views.scale: expected 0.1 to 10, found 0.0")
    #expect(
      complaint("rotation") == "views: expected comma-separated key=value pairs, found rotation")
    #expect(
      complaint(" ")
        == "views: expected none, or views separated by spaces, each of comma-separated key=value pairs, found nothing"
    )
    #expect(
      TestSupport.complaint { try Views("right=1").check([7]) }
        == "views: expected images (height×width×channels) to look at, found samples of 7")
  }

  @Test func whatIsNotFiniteIsSaid() throws {
    var values = Self.samples.values
    values[30] = .nan
    let samples = ListedSamples(shape: [5, 5, 1], values: values, labels: Self.samples.labels)
    let network = try Self.network(), views = try Views("right=1")
    #expect(Evaluation(network, on: samples, views: views).loss.isNaN)
    #expect(
      TestSupport.complaint { _ = try Classifier(network, views: views).predict(samples, [0, 1]) }
        == "the input is not finite in sample 1")
  }
}
