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
}
