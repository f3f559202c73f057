import ImageData
import NeuralNetwork

/// The kernels of a network's first convolution as a picture, one beside the other: grey where they are 0, and as
/// bright as they weigh.
struct KernelSheet {
  /// The layer.
  let layer: String
  /// The kernels, a gap of a pixel round each.
  let image: PNGImage

  /// The most kernels that are drawn.
  private static let most = 256
  /// The pixels along each edge that a number takes.
  private static let magnification = 6

  /// Draws them; `nil` where there is no convolution, or it does not read one channel, or three.
  init?(_ network: Network) {
    guard let node = network.nodes.first(where: { $0.spec is Conv2D }),
      let entry = network.layout.entries.first(where: {
        network.nodes[$0.node].name == node.name && $0.variable.name == "kernel"
      })
    else { return nil }
    let shape = entry.variable.shape
    let (height, width, channels, filters) = (shape[0], shape[1], shape[2], shape[3])
    guard channels == 1 || channels == 3, height <= 32, width <= 32 else { return nil }
    layer = node.name
    let values = network.values(of: entry)
    let largest = values.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
    let count = min(filters, Self.most), scale = Self.magnification
    let columns = (1...count).first { $0 * $0 >= count } ?? 1
    let rows = (count + columns - 1) / columns
    var image = PNGImage(
      height: rows * (height * scale + 1) + 1, width: columns * (width * scale + 1) + 1,
      channels: channels, shade: 0)
    for filter in 0..<count {
      let top = filter / columns * (height * scale + 1) + 1
      let left = filter % columns * (width * scale + 1) + 1
      for y in 0..<height * scale {
        for x in 0..<width * scale {
          for channel in 0..<channels {
            let place = ((y / scale * width + x / scale) * channels + channel) * filters + filter
            let shade = 128 + 127 * values[place] / largest
            image.pixels[((top + y) * image.width + left + x) * channels + channel] = UInt8(shade)
          }
        }
      }
    }
    self.image = image
  }
}
