import Files
import Platform

/// The digest of a set, once it has been asked for; copies of the set share it.
///
/// Unchecked, because of `known`, which nobody touches without the lock.
final class KnownDigest: @unchecked Sendable {
  private let lock = SystemMutex()
  private var known: [UInt8]?

  /// The digest, computed where nobody has asked for it before.
  func value(computing compute: () -> [UInt8]) -> [UInt8] {
    lock.withLock {
      if let known { return known }
      let value = compute()
      known = value
      return value
    }
  }
}

extension ImageSet {
  /// The SHA-256 digest of the data itself: plain, gzip, idx3 and idx4 files of the same images
  /// and labels have the same one, whatever their names.
  ///
  /// Digested are N, height, width, channels and the number of labels (0 without labels), each as
  /// eight bytes, most significant first; then the pixels, `[N, height, width, channels]`; then
  /// the labels. For pixels that are no bytes, and for targets that are numbers, their kind comes
  /// before that. Reads every pixel, about 30 ms for MNIST's 47 MB, when the set or a copy of it is
  /// asked for the first time.
  package func identity() -> [UInt8] { digest.value(computing: computeIdentity) }

  /// The digest of what this set holds, in hexadecimal.
  public var sha256: String? { identity().hexadecimal }

  private func computeIdentity() -> [UInt8] {
    var digest = SHA256()
    var numbers = [count, height, width, channels, labels?.count ?? 0]
    if case .values(let shape) = targets { numbers = [Int(UInt32.max)] + shape.array + numbers }
    if element != .byte { numbers = [Int(UInt32.max) + Int(element.rawValue)] + numbers }
    for number in numbers { withUnsafeBytes(of: UInt64(number).bigEndian) { digest.update($0) } }
    withExtendedLifetime(self) { digest.update(pixels) }
    labels?.withUnsafeBytes { digest.update($0) }
    targetValues?.withUnsafeBytes { digest.update($0) }
    return digest.finalize()
  }
}

/// What tells the pixels of an image from others: the first half of their SHA-256.
package struct PixelDigest: Hashable, Sendable {
  private let words: SIMD2<UInt64>

  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    words = SHA256.digest(bytes).withUnsafeBytes { $0.loadUnaligned(as: SIMD2<UInt64>.self) }
  }
}

extension ImageSet {
  /// The digest of each image's pixels, `[N]`; about a microsecond for one of MNIST's.
  package func pixelDigests() -> [PixelDigest] { forEachImage { PixelDigest($0) } }

  /// Whether each image is of one shade and colour, `[N]`.
  package func areConstant() -> [Bool] {
    let pixel = channels * element.size
    return forEachImage { image in
      guard let start = image.baseAddress else { return true }
      return memcmp(start, start + pixel, image.count - pixel) == 0
    }
  }

  private func forEachImage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> [Result] {
    let size = pixelsPerImage * element.size
    return withExtendedLifetime(self) {
      (0..<count).map {
        body(UnsafeRawBufferPointer(rebasing: pixels[$0 * size..<($0 + 1) * size]))
      }
    }
  }
}
