import MiniCNN

/// y[…, c] = gain[c] · x[…, c] + shift[c]: each channel scaled and shifted by trained numbers.
struct ChannelGain: LayerSpec {
  static let kind = "channel_gain"
  static let help = "each channel times a trained number"
  static let prototype = ChannelGain()
  static let settings: [Setting<ChannelGain>] = [
    Setting("shift", \.shift, "whether a trained number is added to each channel, too")
  ]
  var common = LayerCommon()
  var shift = false

  func build(input: Shape) throws(ModelError) -> any Layer {
    guard input.rank >= 1 else { throw ModelError("takes vectors or images, not a single number") }
    return ChannelGainLayer(inputShape: input, shift: shift)
  }
}

struct ChannelGainLayer: Layer {
  let inputShape: Shape
  let shift: Bool

  var outputShape: Shape { inputShape }
  var channels: Int { inputShape[inputShape.rank - 1] }

  var variables: [Variable] {
    let gain = Variable("gain", shape: [channels], role: .bias, initializer: .ones)
    let shift = Variable("shift", shape: [channels], role: .bias, initializer: .zeros)
    return self.shift ? [gain, shift] : [gain]
  }

  func forward(_ x: Tensor, into y: inout Tensor, weights: Weights, cache: Cache, mode: Mode) {
    let (from, to) = (x.pointer, y.mutablePointer())
    for start in stride(from: 0, to: x.count, by: channels) {
      for c in 0..<channels {
        to[start + c] = weights[0][c] * from[start + c] + (shift ? weights[1][c] : 0)
      }
    }
  }

  // dx = gain · dy, overwritten; dgain += Σ x · dy and dshift += Σ dy over samples and positions
  func backward(
    _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor?, adding gradients: Gradients?,
    weights: Weights, cache: Cache, mode: Mode
  ) {
    let (gradient, from, to) = (dy.pointer, x.pointer, dx?.mutablePointer())
    for start in stride(from: 0, to: x.count, by: channels) {
      for c in 0..<channels {
        to?[start + c] = weights[0][c] * gradient[start + c]
        guard let gradients else { continue }  // the layer is frozen
        gradients[0][c] += from[start + c] * gradient[start + c]
        if shift { gradients[1][c] += gradient[start + c] }
      }
    }
  }
}

// From here on model files can state it, and checkpoints keep it.
LayerRegistry.register(ChannelGain.self)

let small = ModelSpec("check", input: [3, 4, 2]) { ChannelGain(shift: true) }
let input = GradientChecker.spacedInput([3, 4, 2], samples: 2)
let failures = GradientChecker().failures(try Network(small, seed: 1), input: input)
print("wrong gradients:", failures)

let model = try ModelFile(
  text: """
    name: gains
    input: [28, 28, 1]
    layers:
      - conv2d: {filters: 8, kernel: 5, stride: 2}
      - channel_gain: {shift: true}
      - relu
      - flatten
      - dense: {units: 10}
    training: {epochs: 2, batch_size: 32, limit: 10000, seed: 1}
    """, file: "gains.yaml")
let digits = DataFolder("Datasets/mnist")
func train(_ file: String, steps: Int?) throws -> Run {
  let options = RunOptions(replacesExisting: true, maxSteps: steps)
  return try Run(model: model, data: digits, saving: file, options: options)
}
try train("whole.weights.h5", steps: nil).train()
try train("gains.weights.h5", steps: 90).train()
try Run(resuming: "gains.weights.h5").train()

let resumed = try Checkpoint(contentsOf: "gains.weights.h5")
let whole = try Checkpoint(contentsOf: "whole.weights.h5")
print("resumed to the same bits:", try resumed.stateSHA256() == whole.stateSHA256())
print("accuracy:", Evaluation(resumed.network, on: try digits.load(.test)).accuracy)
print("gains:", resumed.network.values(of: "channel_gain", "gain") ?? [])
