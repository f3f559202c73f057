import ModelFiles
import NeuralNetwork

/// Networks that every export must state: each kind of layer in each of its settings, and what comes only of layers
/// that meet.
public enum ExportCases {
  /// One network.
  public struct Case: Sendable {
    /// What is special about it.
    public let name: String
    /// Its layers.
    public let spec: ModelSpec
  }

  /// All of them, in a fixed order.
  public static func all() throws -> [Case] {
    var cases: [Case] = []
    for type in LayerRegistry.builtIn {
      for one in try LayerCases.of(type.kind) {
        cases.append(Case(name: "\(type.kind), \(one.name)", spec: one.spec))
      }
    }
    for name in ["kinds", "layers"] {
      let file = try ModelFile(contentsOf: Repository.path("Tests/Golden/\(name).yaml"))
      cases.append(Case(name: name, spec: file.spec))
    }
    return cases + meetings
  }

  private static func meeting(
    _ name: String, _ input: Shape, @LayerBuilder _ layers: () -> [any LayerSpec]
  ) -> Case {
    Case(name: name, spec: ModelSpec("meeting", input: input, layers: layers))
  }

  /// Where the order of axes matters, or a layer is the first or the last.
  private static var meetings: [Case] {
    [
      meeting("flatten, then layers that keep the order, then dense", [3, 4, 5]) {
        Flatten(); BatchNorm(); PReLU(); Dropout(rate: 0.5); LayerNorm(axes: .last); Normalization()
        Rescaling(scale: 2, offset: -1); GELU(); SiLU(); Softmax(); Dense(units: 3)
      },
      meeting("flatten before a sum", [2, 3, 4]) {
        Flatten()
        Residual(layers: [Dense(units: 24), Tanh()])
        Dense(units: 3)
      },
      meeting("flatten before branches", [2, 3, 4]) {
        Flatten()
        Concatenate(branches: [[Dense(units: 2)], [ReLU(), Dense(units: 5)]])
      },
      meeting("flatten at the end", [2, 3, 4]) {
        Conv2D(filters: 3, kernel: 2); Flatten()
      },
      meeting("flatten before a group norm", [2, 3, 4]) {
        Flatten(); GroupNorm(groups: 3); Dense(units: 2)
      },
      meeting("flatten, dropout and softmax at the end", [2, 2, 3]) {
        Flatten(); Softmax(); Dropout(rate: 0.1)
      },
      meeting("flatten of one channel", [3, 4, 1]) {
        Flatten(); Reshape([4, 3, 1]); Flatten()
      },
      meeting("flatten of one pixel", [1, 1, 6]) {
        Flatten(); Dense(units: 2)
      },
      meeting("vector to image", [6]) {
        Dense(units: 24); Reshape([2, 3, 4]); Conv2D(filters: 2, kernel: 2)
      },
      meeting("image to image", [4, 3, 2]) {
        Reshape([2, 3, 4]); Tanh(); Reshape([6, 1, 4])
      },
      meeting("image to image of one channel", [4, 3, 2]) {
        Reshape([6, 4, 1]); Conv2D(filters: 2, kernel: 3)
      },
      meeting("image to a sequence", [4, 3, 2]) {
        Reshape([12, 2])
        BatchNorm()
        PReLU(shared: true)
        GroupNorm(groups: 2)
        Flatten()
        Dense(units: 2)
      },
      meeting("normalizations of a sequence", [6, 5]) {
        Normalization()
        LayerNorm()
        PReLU()
        LayerNorm(axes: .all)
        Softmax()
      },
      meeting("sequence", [5, 3]) {
        Tanh(); Reshape([3, 5]); Concatenate(branches: [[], [Sigmoid()]])
      },
      meeting("autoencoder", [8, 8, 1]) {
        Conv2D(filters: 4, kernel: 3, stride: 2, padding: .same); ReLU(); Flatten(); Dense(units: 6)
        Dense(units: 64); Reshape([4, 4, 4])
        Conv2DTranspose(filters: 3, kernel: 3, stride: 2, padding: .same); ELU(alpha: 0.5)
        Conv2D(filters: 1, kernel: 3, padding: .same); Sigmoid()
      },
      meeting("pooling with padding by side", [6, 7, 3]) {
        MaxPool2D(
          window: Extent2D(3, 2), stride: 2,
          padding: .explicit(top: 2, bottom: 1, left: 0, right: 1))
        AvgPool2D(
          window: Extent2D(2, 3), stride: 1,
          padding: .explicit(top: 1, bottom: 0, left: 2, right: 1))
      },
      meeting("layers that do nothing", [3, 3, 2]) {
        Dropout(rate: 0.3); ZeroPadding2D(padding: 0); UpSampling2D(size: 1);
        GaussianNoise(stddev: 1)
      },
      meeting("blocks of layers that do nothing", [2, 3, 2]) {
        Residual(layers: [Dropout(rate: 0.3)])
        Multiply(layers: [GaussianNoise(stddev: 1)])
        Concatenate(branches: [[Dropout(rate: 0.5)], [], [Tanh()]])
        Residual(layers: [Conv2D(filters: 6, kernel: 1)], shortcut: [Dropout(rate: 0.1)])
      },
      meeting("a shortcut of its own", [4, 4, 3]) {
        Residual(
          layers: [Conv2D(filters: 5, kernel: 3, stride: 2, padding: .same), BatchNorm()],
          shortcut: [Conv2D(filters: 5, kernel: 1, stride: 2, bias: false), BatchNorm()])
        ReLU()
      },
      meeting("rescaling without an offset, twice", [2, 2, 2]) {
        Rescaling(scale: 3); Rescaling(scale: -0.5, offset: 0.25); LeakyReLU(slope: 0.2)
      },
      meeting("softmax of channels", [3, 2, 4]) {
        Softmax(); ReLU6()
      },
      meeting("transposed convolution, every end", [3, 4, 2]) {
        Conv2DTranspose(
          filters: 2, kernel: Extent2D(2, 4), stride: 3, padding: .same,
          outputPadding: Extent2D(1, 2))
        Conv2DTranspose(filters: 3, kernel: 1, stride: Extent2D(2, 1), padding: .same, dilation: 1)
        Conv2DTranspose(filters: 1, kernel: 3, padding: .valid, dilation: 2)
      },
      meeting("names that meet others", [2, 2, 1]) {
        Conv2D(filters: 2, kernel: 1).named("input");
        Conv2D(filters: 2, kernel: 1).named("input/kernel")
        ReLU().named("logits"); GELU().named("a/b"); Flatten().named("größe"); Dense(units: 2)
      },
    ]
  }
}

extension Network {
  /// Gives every variable numbers that are neither all alike nor near zero, statistics included.
  public mutating func enliven(seed: UInt64) {
    for (number, entry) in layout.entries.enumerated() {
      var random = SplitMix64(state: seed &* 1000 &+ UInt64(number))
      func between(_ range: ClosedRange<Float>) -> Float { Float.random(in: range, using: &random) }
      let values = values(of: entry).map { value -> Float in
        switch entry.variable.name {
        case "bias", "beta", "moving_mean", "mean": between(-0.5...0.5)
        case "gamma": between(0.5...1.5)
        case "moving_variance", "variance": between(0.3...2)
        case "alpha": between(-0.3...0.6)
        case "count": 100
        default: value * 1.5
        }
      }
      setValues(values, of: entry)
    }
  }
}
