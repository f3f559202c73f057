import Files
import NeuralNetwork
import Platform

/// Images, and their labels or targets where there are any, in memory, shared by all copies and slices.
///
/// Copying a set or taking a part of one copies no pixels. Any number of threads may read it.
public struct ImageSet: Sendable {
  /// N, the number of images; at least 1.
  public let count: Int
  /// The height of an image in pixels.
  public let height: Int
  /// The width of an image in pixels.
  public let width: Int
  /// The number of values a pixel has.
  public let channels: Int
  /// The class of each image, `[N]`; nil when the set is only for prediction, or has targets.
  public let labels: [UInt8]?
  /// The targets of all images, `[N, targetShape]`, where they are numbers.
  public let targetValues: [Float]?
  /// The shape of one target, where they are numbers.
  public let targetShape: Shape?
  /// The file of the images, as the user wrote it.
  public let imageFile: String
  /// The file of the labels, as the user wrote it.
  public let labelFile: String?

  /// `[N, height, width, channels]` of the whole file; this set begins at image `firstImage`.
  let storage: ByteStorage
  /// What it holds of each pixel and channel.
  let element: IDXElement
  let firstImage: Int
  let digest = KnownDigest()
  /// Whether the images and the labels were read from files.
  let isRead: Bool

  /// Reads an IDX file of images, `[N, height, width]` or `[N, height, width, channels]`, of unsigned
  /// bytes, 16-bit integers or 32-bit floats, and one of labels, `[N]` unsigned bytes, or of targets,
  /// `[N]` or `[N, …]` 32-bit floats; each plain or gzip, whatever it is called.
  ///
  /// - Throws: a ``FileError`` for everything that is invalid. Whether the labels fit a model is
  ///   for ``checkLabels(classes:)`` to say.
  public init(images imageFile: String, labels labelFile: String? = nil) throws(FileError) {
    // The labels first: they are small, and a mistake in them should not take a second to show.
    let labelData: IDXFile? =
      if let labelFile { try IDXFile(reading: labelFile, as: .labels) } else { nil }
    let images = try IDXFile(reading: imageFile, as: .images)
    count = images.dimensions[0]
    height = images.dimensions[1]
    width = images.dimensions[2]
    channels = images.dimensions.count > 3 ? images.dimensions[3] : 1
    if let labelFile, let labelData, labelData.dimensions[0] != count {
      throw FileError(
        .invalid, file: labelFile, place: "number of labels",
        expected: "\(count), one for each image of \(imageFile)",
        found: "\(labelData.dimensions[0])", hint: "the two files do not belong together")
    }
    let hasTargets = labelData?.element == .float
    labels = hasTargets ? nil : labelData.map { Array($0.storage.bytes) }
    targetValues =
      hasTargets ? labelData.map { Array($0.storage.bytes.bindMemory(to: Float.self)) } : nil
    targetShape =
      hasTargets
      ? labelData.map { $0.dimensions.count == 1 ? [1] : Shape(Array($0.dimensions.dropFirst())) }
      : nil
    self.imageFile = imageFile
    self.labelFile = labelFile
    storage = images.storage
    element = images.element
    firstImage = 0
    isRead = true
  }

  /// Makes a set of pixels that are already in memory; they are copied once.
  ///
  /// - Parameters:
  ///   - pixels: `[N, height, width, channels]`, N at least 1.
  ///   - labels: `[N]`, or nil.
  ///   - name: what messages call the set.
  /// - Throws: when there is no memory for the copy.
  public init(
    pixels: [UInt8], labels: [UInt8]? = nil, height: Int, width: Int, channels: Int = 1,
    name: String = "images in memory"
  ) throws(FileError) {
    require(
      height > 0 && width > 0 && channels > 0,
      "images of \(height) x \(width) x \(channels); expected at least 1 x 1 x 1")
    let size = height * width * channels
    require(
      !pixels.isEmpty && pixels.count.isMultiple(of: size),
      "\(pixels.count) pixels; expected a multiple of \(size), at least one")
    count = pixels.count / size
    if let labels {
      require(labels.count == count, "\(labels.count) labels for \(count) images")
    }
    (self.height, self.width, self.channels, self.labels) = (height, width, channels, labels)
    (targetValues, targetShape, element) = (nil, nil, .byte)
    (imageFile, labelFile) = (name, labels == nil ? nil : name)
    storage = try ByteStorage(count: pixels.count, for: name) { $0.copyBytes(from: pixels) }
    firstImage = 0
    isRead = false
  }

  /// The part of another set that `range` selects.
  init(_ whole: ImageSet, _ range: Range<Int>) {
    require(
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= whole.count,
      "images \(range) of a set of \(whole.count); expected at least one of 0..<\(whole.count)")
    count = range.count
    (height, width, channels) = (whole.height, whole.width, whole.channels)
    labels = whole.labels.map { Array($0[range]) }
    (targetShape, element) = (whole.targetShape, whole.element)
    let width = whole.targetShape?.count ?? 0
    targetValues = whole.targetValues.map {
      Array($0[range.lowerBound * width..<range.upperBound * width])
    }
    (imageFile, labelFile) = (whole.imageFile, whole.labelFile)
    storage = whole.storage
    firstImage = whole.firstImage + range.lowerBound
    isRead = whole.isRead
  }

  /// Copies of some images of another set, with labels of their own; `addition` is what messages add to the
  /// names of its files.
  package init(
    _ whole: ImageSet, images: [Int], labels: [UInt8], addition: String
  ) throws(FileError) {
    (height, width, channels) = (whole.height, whole.width, whole.channels)
    (count, self.labels, element) = (images.count, labels, whole.element)
    (targetValues, targetShape) = (nil, nil)
    imageFile = whole.imageFile + addition
    labelFile = whole.labelFile.map { $0 + addition }
    let source = whole.pixels, size = whole.pixelsPerImage * whole.element.size
    storage = try ByteStorage(count: images.count * size, for: imageFile) { target in
      for (number, image) in images.enumerated() {
        UnsafeMutableRawBufferPointer(rebasing: target[number * size..<(number + 1) * size])
          .copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[image * size..<(image + 1) * size]))
      }
    }
    firstImage = 0
    isRead = false
    withExtendedLifetime(whole) {}
  }

  /// The files of images and labels that hold exactly this set; `nil` where no two files do, as for
  /// images that were made in memory, have no labels, or are part of a file.
  public var files: [String]? {
    guard isRead, let labelFile, storage.bytes.count == count * pixelsPerImage * element.size
    else { return nil }
    return [imageFile, labelFile]
  }

  /// The number of values of one image, height · width · channels.
  public var pixelsPerImage: Int { height * width * channels }

  /// `[N, height, width, channels]`, the pixels of this set alone; valid while the set lives.
  var pixels: UnsafeRawBufferPointer {
    let size = pixelsPerImage * element.size
    return UnsafeRawBufferPointer(
      rebasing: storage.bytes[firstImage * size..<(firstImage + count) * size])
  }
}
