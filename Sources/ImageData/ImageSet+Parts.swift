import Files
import Platform

extension ImageSet {
  /// The first `limit` images, or all of them where there are fewer; `limit` is at least 1.
  ///
  /// Copies the labels and no pixels.
  public func prefix(_ limit: Int) -> ImageSet {
    require(limit >= 1, "the first \(limit) of \(count) images; expected at least 1")
    return ImageSet(self, 0..<Swift.min(limit, count))
  }

  /// The images whose indices are in `range`, which is not empty; their indices begin at 0 again.
  ///
  /// Copies the labels and no pixels.
  public subscript(range: Range<Int>) -> ImageSet { ImageSet(self, range) }

  /// Cuts the set in two: the last `heldOut` images, for validation, and those before them.
  ///
  /// Copies the labels and no pixels. Neither part may be empty: 1 ≤ `heldOut` < `count`.
  public func split(holdingOut heldOut: Int) -> (rest: ImageSet, heldOut: ImageSet) {
    require(
      heldOut > 0 && heldOut < count,
      "\(heldOut) of \(count) images held out; expected 1 to \(count - 1)")
    return (self[0..<count - heldOut], self[count - heldOut..<count])
  }

  /// The images of some classes, which are labelled by their place among `classes`: of `5..<10` the class 5
  /// becomes 0, and 9 becomes 4.
  ///
  /// Copies the pixels. The set has labels, and `classes` are different ones from 0 to 255.
  ///
  /// - Throws: a ``FileError`` where no image is of these classes, or there is no memory for the copy.
  public func keeping(classes: some Sequence<Int>) throws(FileError) -> ImageSet {
    guard let labels else { fatalError("\(imageFile) has no labels to choose classes by") }
    var places: [Int: UInt8] = [:]
    for label in classes {
      require((0...255).contains(label), "class \(label); expected 0 to 255")
      require(places[label] == nil, "class \(label) is named twice")
      places[label] = UInt8(places.count)
    }
    let images = labels.indices.filter { places[Int(labels[$0])] != nil }
    let names = places.sorted { $0.value < $1.value }.map { "\($0.key)" }.joined(separator: ", ")
    guard !images.isEmpty else {
      throw FileError(
        .invalid, file: labelFile ?? imageFile, place: "labels",
        expected: "an image of the classes \(names)", found: "none")
    }
    return try ImageSet(
      self, images: images, labels: images.compactMap { places[Int(labels[$0])] },
      addition: " (classes \(names))")
  }
}
