import Foundation
import Pictures
import TestSupport
import Testing

/// A small picture with what it is to be decoded to; `Fixtures/make_fixtures.py` made both.
struct Fixture: Decodable, CustomTestStringConvertible {
  let name: String
  let height: Int
  let width: Int
  let channels: Int
  private let file: String
  private let pixels: String

  /// The bytes of the file.
  var bytes: [UInt8] { Self.bytes(file) }
  /// What they are to be decoded to.
  var picture: Picture {
    Picture(height: height, width: width, channels: channels, pixels: Self.bytes(pixels))
  }
  var testDescription: String { name }

  static let pngs = load("png.json")
  static let jpegs = load("jpeg.json")

  /// The file of this name.
  static func named(_ name: String) -> Fixture? {
    (pngs + jpegs).first { $0.name == name }
  }

  private static func load(_ name: String) -> [Fixture] {
    let path = Repository.path("Tests/PicturesTests/Fixtures/\(name)")
    let data = FileManager.default.contents(atPath: path) ?? Data()
    return (try? JSONDecoder().decode([Fixture].self, from: data)) ?? []
  }

  private static func bytes(_ digits: String) -> [UInt8] {
    let digits = Array(digits.utf8).map { $0 < 58 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
