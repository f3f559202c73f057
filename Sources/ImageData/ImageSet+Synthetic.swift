import Files
import NeuralNetwork

extension ImageSet {
  /// Images of the size that a network takes, with labels: noise in a rectangle on black, whose
  /// position depends on the class. As in MNIST, a fifth of the pixels are not black, since zeros
  /// save time.
  package static func synthetic(
    for network: Network, count: Int
  ) throws(FileError) -> ImageSet {
    let shape = network.inputShape.array + [1, 1, 1]
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let size = height * width * channels
    // At most 256 MiB: a batch may be smaller than was asked for.
    let count = max(1, min(count, (256 << 20) / size))
    // At least a pixel, and from 4 pixels on 0.45² of the area.
    let (rows, columns) = (max(1, height * 9 / 20), max(1, width * 9 / 20))
    let classes = min(network.outputShape.count, 256)
    var random = CounterRandom(seed: 1, .test)
    var pixels = [UInt8](repeating: 0, count: count * size)
    let labels = (0..<count).map { UInt8($0 % classes) }
    for (image, label) in labels.enumerated() {
      let top = Int(label) * (height - rows) / max(classes - 1, 1)
      let left = Int(label) * 7 % classes * (width - columns) / max(classes - 1, 1)
      for row in top..<top + rows {
        let start = ((image * height + row) * width + left) * channels
        for place in start..<start + columns * channels {
          pixels[place] = UInt8(1 + random.below(255))
        }
      }
    }
    return try ImageSet(
      pixels: pixels, labels: labels, height: height, width: width, channels: channels,
      name: "synthetic images")
  }
}
