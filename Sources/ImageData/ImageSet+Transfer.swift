import Files
import NeuralNetwork

/// What an ``ImageSet`` is made of besides its pixels: with them, another process makes the same set of it.
package struct ImageParts: Sendable, Equatable {
  /// The height, the width and the values of a pixel.
  package let height: Int, width: Int, channels: Int
  /// What a value is, as IDX files have it.
  package let element: Int
  /// The class of each image, `[N]`, where they have classes.
  package let labels: [UInt8]?
  /// The targets, `[N, targetShape]`, where they are numbers.
  package let targetValues: [Float]?
  /// The extents of a target.
  package let targetShape: [Int]?
  /// What messages call the images.
  package let imageFile: String
  /// What messages call the labels or targets.
  package let labelFile: String?

  /// Creates them; see the properties.
  package init(
    height: Int, width: Int, channels: Int, element: Int, labels: [UInt8]?,
    targetValues: [Float]?, targetShape: [Int]?, imageFile: String, labelFile: String?
  ) {
    (self.height, self.width, self.channels) = (height, width, channels)
    (self.element, self.labels) = (element, labels)
    (self.targetValues, self.targetShape) = (targetValues, targetShape)
    (self.imageFile, self.labelFile) = (imageFile, labelFile)
  }
}

extension ImageSet {
  /// What the set is made of besides ``copyBytes()``.
  package var parts: ImageParts {
    ImageParts(
      height: height, width: width, channels: channels, element: Int(element.rawValue),
      labels: labels, targetValues: targetValues, targetShape: targetShape?.array,
      imageFile: imageFile, labelFile: labelFile)
  }

  /// The pixels, `[N, height, width, channels]`, as the set keeps them.
  package func copyBytes() -> [UInt8] { withExtendedLifetime(self) { Array(pixels) } }

  /// Makes a set once more of what ``parts`` and ``copyBytes()`` of another process have given.
  ///
  /// - Throws: where they do not go together, and where there is no memory for the copy.
  package init(_ parts: ImageParts, bytes: [UInt8]) throws(FileError) {
    func product(_ extents: [Int], _ most: Int) -> Int {
      Shape.checkedCount(extents, limit: most) ?? 0
    }
    let size = product([parts.height, parts.width, parts.channels], bytes.count)
    guard let element = IDXElement(rawValue: UInt32(clamping: parts.element)), size > 0,
      !bytes.isEmpty, bytes.count.isMultiple(of: size * element.size)
    else {
      throw FileError(
        .invalid, file: parts.imageFile,
        expected: "images of \(parts.height)×\(parts.width)×\(parts.channels)",
        found: "\(bytes.count) bytes")
    }
    let images = bytes.count / (size * element.size)
    let targets = parts.targetValues?.count ?? 0
    guard (parts.labels?.count ?? images) == images,
      (parts.targetValues == nil) == (parts.targetShape == nil),
      targets == images * product(parts.targetShape ?? [0], targets)
    else {
      throw FileError(
        .invalid, file: parts.labelFile ?? parts.imageFile,
        expected: "\(images) labels or targets, one for each image",
        found: "\(parts.labels?.count ?? targets) numbers")
    }
    (count, height, width) = (images, parts.height, parts.width)
    (channels, self.element, labels) = (parts.channels, element, parts.labels)
    (targetValues, targetShape) = (parts.targetValues, parts.targetShape.map { Shape($0) })
    (imageFile, labelFile) = (parts.imageFile, parts.labelFile)
    storage = try ByteStorage(count: bytes.count, for: parts.imageFile) {
      $0.copyBytes(from: bytes)
    }
    (firstImage, isRead) = (0, false)
  }
}
