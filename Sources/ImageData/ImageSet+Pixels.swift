import Platform

extension ImageSet {
  /// Whether the pixels are bytes, as those of MNIST are, and not floats or 16-bit integers.
  public var hasBytes: Bool { element == .byte }

  /// Lends the pixels of image `index`, `[height, width, channels]`, which are bytes, to `body`.
  public func withImage<Result, Failure: Error>(
    _ index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    require(index >= 0 && index < count, "image \(index) of \(count)")
    let size = pixelsPerImage
    return try withPixels { (all) throws(Failure) in
      try body(UnsafeBufferPointer(rebasing: all[index * size..<(index + 1) * size]))
    }
  }

  /// Lends the pixels of all images, `[N, height, width, channels]`, which are bytes, to `body`.
  public func withPixels<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    require(hasBytes, "the pixels of \(imageFile) are no bytes")
    return try withExtendedLifetime(self) { () throws(Failure) in
      try body(pixels.assumingMemoryBound(to: UInt8.self))
    }
  }

  /// Overwrites `destination` with the pixels of image `index`, `[height, width, channels]`; those that
  /// are no bytes are multiplied by 255, from 0 to 255, and rounded.
  public func copyPixels(of index: Int, into destination: UnsafeMutablePointer<UInt8>) {
    guard hasBytes else {
      require(index >= 0 && index < count, "image \(index) of \(count)")
      var values = [Float](repeating: 0, count: pixelsPerImage)
      [Int32(index)].withUnsafeBufferPointer { copySamples($0, to: &values) }
      for (i, value) in values.enumerated() {
        destination[i] = UInt8((min(max(value, 0), 1) * 255).rounded())
      }
      return
    }
    withImage(index) { image in
      UnsafeMutableRawPointer(destination).copyMemory(
        from: UnsafeRawPointer(image.baseAddress ?? UnsafePointer(destination)),
        byteCount: image.count)
    }
  }
}
