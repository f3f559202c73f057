import NeuralNetwork
import TestSupport
import Testing

/// What a model may ask of a machine, and what layers may say of themselves.
@Suite struct ModelLimitTests {
  private static func error(_ input: Shape, _ layers: any LayerSpec...) -> String? {
    do throws(ModelError) {
      _ = try Network(ModelSpec("limit", input: input, layers: layers), seed: 1)
      return nil
    } catch {
      return error.description
    }
  }

  // Its input and output are of one number each.
  @Test func aStrideMakesAnImageOfItsOwn() {
    let far = Conv2D(filters: 1, kernel: 1, stride: 32768, padding: .all(32768))
    #expect(
      Self.error([1, 1, 1], Flatten(), Dense(units: 1)) == nil)
    #expect(
      Self.error([1, 1, 1], far)
        == "the loops up to layer conv2d need 17.2 GB of work memory: at most 1.1 GB")
  }

  // Where a stride spreads the gradient, each group of one channel takes a vector of 16.
  @Test func groupsMakeAKernelWide() {
    let wide = Conv2D(filters: 4096, kernel: 64, stride: 2, groups: 4096)
    #expect(
      Self.error([64, 64, 4096], wide)
        == "the loops up to layer conv2d need 1.4 GB of work memory: at most 1.1 GB")
  }

  // Each takes 0.6 GB.
  @Test func layersAreSummed() {
    func far(_ name: String) -> Conv2D {
      Conv2D(filters: 1, kernel: 1, stride: 12000, padding: .all(6000)).named(name)
    }
    #expect(Self.error([1, 1, 1], far("a")) == nil)
    #expect(
      Self.error([1, 1, 1], far("a"), Flatten(), Dense(units: 1)) == nil)
    #expect(
      Self.error([1, 1, 1], far("a"), Softmax(), far("b"))
        == "the loops up to layer b need 1.2 GB of work memory: at most 1.1 GB")
  }

  /// What a pooling makes of a convolution takes more than either.
  @Test func whatAPassFusesIsBoundToo() {
    let convolution = Conv2D(filters: 4, kernel: 3, padding: .same)
    #expect(Self.error([3000, 3000, 5], convolution) == nil)
    #expect(Self.error([3000, 3000, 5], convolution, MaxPool2D()) == nil)
    #expect(
      Self.error([4096, 4096, 3], convolution, MaxPool2D())?.hasPrefix(
        "the loops up to layer conv2d") == true)
  }

  // Each has 36 million numbers.
  @Test func activationsAreSummed() {
    let wide = ZeroPadding2D(padding: 2990)
    let many = [any LayerSpec](repeating: SiLU(), count: 6)
    #expect(Self.error([28, 28, 1], wide, SiLU(), GlobalAvgPool2D()) == nil)
    let spec = ModelSpec("limit", input: [28, 28, 1], layers: [wide] + many + [SiLU()])
    #expect(
      TestSupport.complaint { _ = try Network(spec, seed: 1) }
        == "the activations up to layer silu_6 take 1.2 GB for one sample: at most 1.1 GB")
  }

  /// A layer that is made for another input than it gets.
  private struct Misfit: LayerSpec {
    static let kind = "misfit"
    static let help = "nothing"
    static let prototype = Misfit()
    var common = LayerCommon()

    func build(input: Shape) throws(ModelError) -> any Layer {
      try Dense(units: 2).build(input: [input.count + 1])
    }
  }

  @Test func aLayerIsBuiltForWhatComesIn() {
    #expect(
      Self.error([4], Dense(units: 3), Misfit())
        == "layer 2 (misfit): is built for an input 4, but gets 3")
  }
}
