import Files
import ImageData
import NeuralNetwork
import Platform

extension DataSet {
  /// Exchanges the rows and columns of every image.
  public mutating func transpose() throws(FileError) {
    for split in splits {
      if let set = parts[split] { parts[split] = try set.transposed() }
    }
  }

  /// Makes labels that begin at `first` begin at 0. Names stay those of the lower labels.
  ///
  /// - Throws: a ``FileError`` where a label is less.
  public mutating func countLabels(from first: Int) throws(FileError) {
    require((0...255).contains(first), "labels from \(first); expected 0 to 255")
    guard first > 0 else { return }
    for split in splits {
      guard let set = parts[split], let labels = set.labels else { continue }
      if let bad = labels.firstIndex(where: { Int($0) < first }) {
        throw FileError(
          .invalid, file: set.labelFile ?? set.imageFile, place: "label \(bad), counted from 0",
          expected: "at least \(first), from which the labels are counted", found: "\(labels[bad])")
      }
      parts[split] = try ImageSet(
        set, images: Array(labels.indices), labels: labels.map { $0 - UInt8(first) }, addition: "")
    }
  }

  /// Adds the validation images to those for training, after them.
  ///
  /// - Throws: a ``FileError`` where the two do not go together.
  public mutating func mergeValidation() throws(FileError) {
    guard let validation = parts.removeValue(forKey: .validation) else { return }
    guard let train = parts[.train] else {
      parts[.train] = validation
      return
    }
    guard train.sampleShape == validation.sampleShape,
      (train.labels == nil) == (validation.labels == nil)
    else {
      throw FileError(
        .invalid, file: validation.imageFile, place: "images",
        expected:
          "\(train.sampleShape)\(train.labels == nil ? "" : " with labels"), as for training",
        found: "\(validation.sampleShape)\(validation.labels == nil ? " without labels" : "")")
    }
    let labels = train.labels.flatMap { first in validation.labels.map { first + $0 } }
    parts[.train] = try ImageSet(
      pixels: train.withPixels { Array($0) } + validation.withPixels { Array($0) }, labels: labels,
      height: train.height, width: train.width, channels: train.channels, name: train.imageFile)
  }

  /// Sets aside a share of the training images, chosen at random, as the test images, of which there
  /// are none yet. Both keep their order.
  ///
  /// - Throws: a ``FileError`` where there are no training images, or test images already, or one side
  ///   would have none.
  public mutating func holdOutTest(share: Double, seed: UInt64) throws(FileError) {
    require(share > 0 && share < 1, "a share of \(share); expected one above 0 and below 1")
    guard let train = parts[.train] else {
      throw FileError(
        .invalid, file: splits.first.flatMap { parts[$0] }?.imageFile ?? "data set",
        expected: "training images, of which to take some", found: "none")
    }
    guard parts[.test] == nil else {
      throw FileError(
        .invalid, file: train.imageFile, expected: "training images alone, of which to take some",
        found: "test images as well")
    }
    let count = Int((Double(train.count) * share).rounded())
    guard count >= 1, count < train.count else {
      throw FileError(
        .invalid, file: train.imageFile,
        expected: "images that leave some on both sides of a share of \(share)",
        found: "\(train.count)")
    }
    let order = CounterRandom.permutation(
      train.count, using: CounterRandom(seed: seed, .testSplit))
    func part(_ numbers: ArraySlice<Int32>) throws(FileError) -> ImageSet {
      try train.selecting(numbers.map(Int.init).sorted())
    }
    parts[.test] = try part(order[..<count])
    parts[.train] = try part(order[count...])
  }
}

extension ImageSet {
  fileprivate func transposed() throws(FileError) -> ImageSet {
    let size = pixelsPerImage
    var turned = [UInt8](repeating: 0, count: count * size)
    withPixels { pixels in
      for image in 0..<count {
        for row in 0..<height {
          for column in 0..<width {
            let from = image * size + (row * width + column) * channels
            let to = image * size + (column * height + row) * channels
            for channel in 0..<channels { turned[to + channel] = pixels[from + channel] }
          }
        }
      }
    }
    return try ImageSet(
      pixels: turned, labels: labels, height: width, width: height, channels: channels,
      name: imageFile)
  }

  fileprivate func selecting(_ images: [Int]) throws(FileError) -> ImageSet {
    guard let labels else {
      throw FileError(
        .invalid, file: imageFile, expected: "images with labels", found: "images alone")
    }
    return try ImageSet(self, images: images, labels: images.map { labels[$0] }, addition: "")
  }
}
