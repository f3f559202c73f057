import Foundation
import MiniCNN
import TestSupport

/// PNG, JPEG, PGM and PPM; or of these only the two that are parsed in this process.
struct PicturesTarget: FuzzTarget {
  let seeds: [[UInt8]]
  private let isNetpbmAlone: Bool

  /// Takes the fixtures of the tests.
  init(root: String) throws {
    struct Fixture: Decodable { let file: String }
    isNetpbmAlone = false
    seeds =
      try ["png", "jpeg"].flatMap { name in
        let path = "\(root)/Tests/PicturesTests/Fixtures/\(name).json"
        return try JSONDecoder().decode(
          [Fixture].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
      }.map { Self.bytes($0.file) } + Self.netpbm
  }

  /// Takes PGM and PPM alone.
  init() { (isNetpbmAlone, seeds) = (true, Self.netpbm) }

  private static let netpbm: [[UInt8]] =
    [
      "P2 # grey\n3 2\n15\n0 1 2\n13 14 15\n", "P3 2 1 255 1 2 3 253 254 255",
    ].map { Array($0.utf8) } + [
      Array("P5\n3 2 255\n".utf8) + [0, 1, 2, 253, 254, 255],
      Array("P6 1 2 # colour\n1023\n".utf8) + [0, 1, 3, 255, 2, 2, 1, 1, 0, 0, 0, 9],
    ]

  private static func bytes(_ digits: String) -> [UInt8] {
    let digits = Array(digits.utf8).map { $0 < 58 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard !isNetpbmAlone || bytes.first == UInt8(ascii: "P") else { return false }
    do throws(FileError) {
      let picture = try Picture(decoding: Array(bytes), name: "p")
      precondition(picture.height * picture.width <= Picture.mostPixels)
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
