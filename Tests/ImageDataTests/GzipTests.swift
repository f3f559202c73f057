import CZlib
import Files
import Foundation
import ImageData
import TestSupport
import Testing

@Suite("ImageDataTests: gzip") struct GzipTests {
  private func pixels(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    return try ImageSet(images: folder.write("f", bytes)).withPixels { Array($0) }
  }

  private func sentence(_ bytes: [UInt8]) throws -> String? {
    let folder = try TemporaryFolder()
    let file = try folder.write("f", bytes)
    return folder.sentence(#expect(throws: FileError.self) { try ImageSet(images: file) })
  }

  @Test func severalMembersAreOneStream() throws {
    #expect(try pixels(gzip(threeImages)) == Array(0..<12))
    for cut in 0...threeImages.count {
      let members = gzip(Array(threeImages[..<cut])) + gzip(Array(threeImages[cut...]))
      #expect(try pixels(members) == Array(0..<12))
    }
    #expect(try pixels(gzip([]) + gzip(threeImages) + gzip([])) == Array(0..<12))
  }

  @Test func damageIsTold() throws {
    let good = gzip(threeImages)
    var badChecksum = good
    badChecksum[good.count - 8] ^= 1
    #expect(
      try sentence(badChecksum)
        == "f: gzip: expected data with the CRC-32 that is stored after it, found another; the file is damaged"
    )
    var badLength = good
    badLength[good.count - 4] ^= 1
    #expect(
      try sentence(badLength)
        == "f: gzip: expected data of the length that is stored after it, found another; the file is damaged"
    )
    var badMethod = good
    badMethod[2] = 7
    #expect(
      try sentence(badMethod)
        == "f: gzip: damaged compressed data (unknown compression method); the file is damaged")
  }

  /// A member may have a CRC-16 of its header (flag FHCRC).
  @Test func aWrongChecksumOfAHeaderIsTold() throws {
    let good = gzip(threeImages)
    let header = Array(good.prefix(3)) + [2] + Array(good[4..<10])
    let checksum = header.withUnsafeBytes {
      UInt16(truncatingIfNeeded: crc32(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), 10))
    }
    func member(_ checksum: UInt16) -> [UInt8] {
      header + withUnsafeBytes(of: checksum.littleEndian) { Array($0) } + good.dropFirst(10)
    }
    #expect(try pixels(member(checksum)) == Array(0..<12))
    #expect(
      try sentence(member(checksum ^ 1))
        == "f: gzip: damaged compressed data (header crc mismatch); the file is damaged")
  }

  @Test func headersAndMembersChangeNoContent() throws {
    var generator = SplitMix64(state: 2)
    let images = (0..<40 * 28 * 28).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 61) }
    let bytes = idx([2051, 40, 28, 28], images)
    let good = gzip(bytes)
    let named = Array(good.prefix(3)) + [8] + Array(good[4..<10]) + Array("name\0".utf8)
    #expect(try pixels(good) == images)
    #expect(try pixels(named + good.dropFirst(10)) == images)
    #expect(try pixels(gzip(Array(bytes.prefix(7))) + gzip(Array(bytes.dropFirst(7)))) == images)
  }

  @Test func everyTruncationIsTold() throws {
    let good = gzip(threeImages)
    for length in 2..<good.count {
      let found = try sentence(Array(good.prefix(length)))
      #expect(
        found == "f: gzip: compressed data that ends too early; the file is cut short"
          // Half of a file cannot justify its header.
          || found?.hasSuffix("the file is cut short or damaged") == true)
    }
  }

  @Test func trailingGarbageIsTold() throws {
    let expected =
      "f: gzip: expected the end of the file after the compressed data, found more bytes"
    #expect(try sentence(gzip(threeImages) + [0]) == expected)
    #expect(try sentence(gzip(threeImages) + Array("hello".utf8)) == expected)
    #expect(try sentence(gzip(threeImages) + [0x1f, 0x8c, 0, 0]) == expected)
  }

  @Test func aHeaderMayNotStateMoreThanTheFileCanHold() throws {
    let bytes = gzip(idx([2051, 1 << 16, 1 << 10, 1 << 10], [1]))
    #expect(
      try sentence(bytes)
        == "f: dimensions: expected at most \(bytes.count * 1032 - 16) bytes, all that a gzip file of this size can hold, found 68719476736 bytes (65536 x 1024 x 1024); the file is cut short or damaged"
    )
  }

  /// The header states 800 MB, which 1 MB of gzip could just hold; there is 1 MB.
  @Test func memoryIsTouchedOnlyAsDataArrives() throws {
    var generator = SplitMix64(state: 1)
    let words = (0..<1 << 17).map { _ in generator.next() }
    let noise = words.withUnsafeBytes { Array($0) }
    let before = peakMemory()
    #expect(
      try sentence(gzip(idx([2051, 800, 1000, 1000], noise)))
        == "f: pixels: expected 800000000 bytes (800 x 1000 x 1000), found 1048576; the file is cut short"
    )
    // Other tests run beside this one.
    #expect(peakMemory() - before < 400_000_000)
  }

  /// The most memory this process has had resident so far, in bytes.
  private func peakMemory() -> Int {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss * 1024
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }
}
