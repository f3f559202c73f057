import Platform

extension ImageSet {
  /// Lends the pixels of image `index`, `[height, width, channels]`, to `body`.
  public func withImage<Result, Failure: Error>(
    _ index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    require(index >= 0 && index < count, "image \(index) of \(count)")
    let size = pixelsPerImage
    return try withPixels { (all) throws(Failure) in
      try body(UnsafeBufferPointer(rebasing: all[index * size..<(index + 1) * size]))
    }
  }

  /// Lends the pixels of all images, `[N, height, width, channels]`, to `body`.
  public func withPixels<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withExtendedLifetime(self) { () throws(Failure) in
      try body(pixels.assumingMemoryBound(to: UInt8.self))
    }
  }

  /// Overwrites `destination` with the pixels of image `index`, `[height, width, channels]`.
  public func copyPixels(of index: Int, into destination: UnsafeMutablePointer<UInt8>) {
    withImage(index) { image in
      UnsafeMutableRawPointer(destination).copyMemory(
        from: UnsafeRawPointer(image.baseAddress ?? UnsafePointer(destination)),
        byteCount: image.count)
    }
  }
}
