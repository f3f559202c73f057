import ImageData
import NeuralNetwork

/// The weights of the first layer that looks at the image, as a picture: each filter by itself, blue where
/// it wants ink and orange where it wants none.
struct FilterSheet {
  /// The name of the layer.
  let layer: String
  /// How many filters it has, and how many are drawn.
  let filters: Int, shown: Int
  /// The rows and columns of one.
  let extent: Extent2D
  let picture: PNGImage

  private static let most = 64

  /// `nil` where the network has no such layer.
  init?(_ network: Network) {
    for node in network.nodes {
      let input = network.inputShape
      guard input.rank == 3, let values = network.values(of: node.name, "kernel") else { continue }
      switch node.spec {
      case let spec as Conv2D where spec.groups == 1:
        let channels = values.count / (spec.kernel.height * spec.kernel.width * spec.filters)
        self.init(
          node.name, values, spec.kernel, channels: channels, filters: spec.filters)
      // A dense layer that reads the pixels themselves has a whole image for each unit.
      case let spec as Dense where values.count == input.count * spec.units:
        self.init(
          node.name, values, Extent2D(input[0], input[1]), channels: input[2], filters: spec.units)
      default: return nil
      }
      return
    }
    return nil
  }

  /// - Parameter values: `[rows, columns, channels, filters]`.
  private init(
    _ layer: String, _ values: [Float], _ extent: Extent2D, channels: Int, filters: Int
  ) {
    (self.layer, self.filters, self.extent) = (layer, filters, extent)
    let shown = min(filters, Self.most)
    self.shown = shown
    // About twice as wide as high, in full rows where the number allows it.
    let wide = (1...shown).filter { $0 * $0 >= 2 * shown && $0 * $0 <= 8 * shown }
    let columns = wide.first { shown.isMultiple(of: $0) } ?? wide.first ?? shown
    let rows = (shown + columns - 1) / columns
    var picture = PNGImage(
      height: rows * (extent.height + 1) - 1, width: columns * (extent.width + 1) - 1, channels: 3,
      shade: 128)
    for filter in 0..<shown {
      // Of several channels the mean: what the filter makes of grey.
      var means = [Float](repeating: 0, count: extent.height * extent.width)
      for tap in means.indices {
        for channel in 0..<channels {
          means[tap] += values[(tap * channels + channel) * filters + filter] / Float(channels)
        }
      }
      let most = max(means.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
      let top = filter / columns * (extent.height + 1), left = filter % columns * (extent.width + 1)
      for (tap, mean) in means.enumerated() {
        let (row, column) = (top + tap / extent.width, left + tap % extent.width)
        let place = (row * picture.width + column) * 3
        for (k, part) in Self.color(mean.isFinite ? mean / most : 0).enumerated() {
          picture.pixels[place + k] = part
        }
      }
    }
    self.picture = picture
  }

  /// From orange over white to blue, for −1 to 1.
  private static func color(_ share: Float) -> [UInt8] {
    let end: [Float] = share < 0 ? [217, 72, 15] : [47, 75, 196]
    return end.map { UInt8((250 + ($0 - 250) * min(abs(share), 1)).rounded()) }
  }
}
