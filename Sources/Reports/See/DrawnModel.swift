import NeuralNetwork

/// A network as a page computes it: its nodes with what each needs, and all weights in one text.
struct DrawnModel: Encodable {
  /// The shape of a picture.
  let input: [Int]
  /// What the outputs are (``OutputMeaning``).
  let outputs: String
  let nodes: [DrawnNode]
  /// The floats of all variables, little-endian, in base64.
  let weights: String

  /// - Throws: a `ModelError` that names the first layer a page cannot compute.
  init(_ network: Network, loss: any Loss) throws(ModelError) {
    input = network.inputShape.array
    var floats: [Float] = []
    var nodes: [DrawnNode] = []
    for (number, node) in network.nodes.enumerated() {
      var places: [String: [Int]] = [:]
      for entry in network.layout.entries where entry.node == number {
        let values = network.values(of: entry)
        places[entry.variable.name] = [floats.count, values.count]
        floats += values
      }
      do {
        nodes.append(try DrawnNode(node, weights: places))
      } catch {
        throw error.at("layer \(node.name)")
      }
    }
    self.nodes = nodes
    weights = Base64.text(of: floats)
    outputs = network.outputMeaning(with: loss).rawValue
  }
}

/// A node of a network, with the settings of its layer under the names that the page's script reads.
struct DrawnNode: Encodable {
  /// A kernel or a pooling window, `[height, width]` each.
  struct Window: Encodable {
    enum Padding: Encodable {
      case same
      /// Rows above and below, columns left and right.
      case margins([Int])

      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .same: try container.encode("same")
        case .margins(let margins): try container.encode(margins)
        }
      }
    }

    let kernel: [Int]
    let stride: [Int]
    let dilation: [Int]
    let padding: Padding

    init(
      _ kernel: Extent2D, stride: Extent2D, dilation: Extent2D = 1, padding: NeuralNetwork.Padding
    ) {
      self.kernel = [kernel.height, kernel.width]
      self.stride = [stride.height, stride.width]
      self.dilation = [dilation.height, dilation.width]
      self.padding =
        switch padding {
        case .valid: .margins([0, 0, 0, 0])
        case .same: .same
        case .explicit(let top, let bottom, let left, let right):
          .margins([top, bottom, left, right])
        }
    }
  }

  let name: String
  let kind: String
  /// The numbers of the activations it reads; node n writes activation n + 1.
  let inputs: [Int]
  /// Where each of its variables is among the floats: the first one and how many.
  let weights: [String: [Int]]
  private(set) var window: Window?
  private(set) var filters: Int?
  private(set) var groups: Int?
  private(set) var multiplier: Int?
  private(set) var units: Int?
  private(set) var slope: Float?
  private(set) var alpha: Float?
  private(set) var epsilon: Float?
  private(set) var scale: Float?
  private(set) var offset: Float?
  private(set) var axes: String?
  private(set) var margins: [Int]?
  private(set) var size: [Int]?
  private(set) var shape: [Int]?

  /// - Throws: a `ModelError` where no page can compute it.
  init(_ node: Node, weights: [String: [Int]]) throws(ModelError) {
    name = node.name
    kind = node.kind
    inputs = node.inputs
    self.weights = weights
    switch node.spec {
    case let spec as Conv2D:
      (filters, groups) = (spec.filters, spec.groups)
      window = Window(
        spec.kernel, stride: spec.stride, dilation: spec.dilation, padding: spec.padding)
    case let spec as DepthwiseConv2D:
      multiplier = spec.multiplier
      window = Window(
        spec.kernel, stride: spec.stride, dilation: spec.dilation, padding: spec.padding)
    case let spec as MaxPool2D:
      window = Window(spec.window, stride: spec.stride ?? spec.window, padding: spec.padding)
    case let spec as AvgPool2D:
      window = Window(spec.window, stride: spec.stride ?? spec.window, padding: spec.padding)
    case let spec as Dense: units = spec.units
    case let spec as LeakyReLU: slope = spec.slope
    case let spec as ELU: alpha = spec.alpha
    case let spec as BatchNorm: epsilon = spec.epsilon
    case let spec as GroupNorm: (epsilon, groups) = (spec.epsilon, spec.groups)
    case let spec as LayerNorm: (epsilon, axes) = (spec.epsilon, spec.axes.rawValue)
    case let spec as Rescaling: (scale, offset) = (spec.scale, spec.offset)
    case let spec as ZeroPadding2D:
      let padding = spec.padding
      margins = [padding.top, padding.bottom, padding.left, padding.right]
    case let spec as UpSampling2D where spec.interpolation == .nearest:
      size = [spec.size.height, spec.size.width]
    case is Reshape: shape = node.outputShape.array
    case is GlobalMaxPool2D, is GlobalAvgPool2D, is ReLU, is ReLU6, is PReLU, is GELU, is SiLU,
      is Sigmoid, is Tanh, is Softmax, is Dropout, is SpatialDropout2D, is GaussianNoise,
      is Normalization, is Flatten, nil:
      break
    default:
      throw ModelError("a page cannot compute \(node.kind) with these settings")
    }
  }
}
