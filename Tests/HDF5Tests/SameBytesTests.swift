import Files
import Foundation
import HDF5
import Testing

/// The same content has the same bytes in every version of this package: one before 1.0.0 wrote
/// `Fixtures/every-kind.h5` and the file whose digest is below.
@Suite struct SameBytesTests {
  private let fixture: [UInt8]

  init() throws {
    let path = try #require(Bundle.module.path(forResource: "Fixtures/every-kind", ofType: "h5"))
    fixture = try WholeFile.read(path)
  }

  /// Every kind of content there is, in the order it is written.
  private static func everything() throws -> [UInt8] {
    let writer = try HDF5Writer(path: "every-kind.h5")
    try writer.createGroup("/groups/of/groups")
    try writer.createGroup("/groups/empty")
    try writer.write((0..<12).map { Float($0) / 3 }, shape: [3, 4], to: "/groups/of/floats")
    try writer.write([-.infinity, .nan, 0.1, -0.0], shape: [2, 1, 2, 1], to: "/doubles")
    try writer.write([Int64.min, -1, .max], shape: [3], to: "/integers")
    try writer.write([UInt64.max, 0, 7, 8], shape: [1, 4], to: "/unsigned")
    try writer.write([UInt8](0...255), shape: [16, 16], to: "/made/on/the/way/bytes")
    try writer.write([Float.pi], shape: [], to: "/scalars/float")
    try writer.write([2.5], shape: [], to: "/scalars/double")
    try writer.write([Int64(-5)], shape: [], to: "/scalars/integer")
    try writer.write([UInt64(5)], shape: [], to: "/scalars/unsigned")
    try writer.write([UInt8(255)], shape: [], to: "/scalars/byte")
    try writer.write([Float](), shape: [0], to: "/empty/floats")
    try writer.write([UInt8](), shape: [3, 0, 2], to: "/empty/bytes")
    try writer.write(["null", "äöü", "", "with spaces and \"quotes\""], to: "/texts/some")
    try writer.write([], to: "/texts/none")
    try writer.write(["", ""], to: "/texts/empty")
    return try writer.finish()
  }

  @Test func theSameContentHasTheBytesOfVersion010() throws {
    #expect(try Self.everything() == fixture)
  }

  @Test func whatVersion010WroteIsReadAndWrittenAgain() throws {
    let file = try HDF5File(image: fixture, path: "first.h5")
    let writer = try HDF5Writer(path: "again.h5")
    func copy<Element: HDF5Element>(_ type: Element.Type, _ names: String...) throws {
      for name in names {
        let shape = try #require(try file.form(of: name).shape)
        try writer.write(try file.read(name, as: type, shape: shape), shape: shape, to: name)
      }
    }
    try writer.createGroup("/groups/of/groups")
    try writer.createGroup("/groups/empty")
    try copy(Float.self, "/groups/of/floats")
    try copy(Double.self, "/doubles")
    try copy(Int64.self, "/integers")
    try copy(UInt64.self, "/unsigned")
    try copy(UInt8.self, "/made/on/the/way/bytes")
    try copy(Float.self, "/scalars/float")
    try copy(Double.self, "/scalars/double")
    try copy(Int64.self, "/scalars/integer")
    try copy(UInt64.self, "/scalars/unsigned")
    try copy(UInt8.self, "/scalars/byte")
    try copy(Float.self, "/empty/floats")
    try copy(UInt8.self, "/empty/bytes")
    for name in ["/texts/some", "/texts/none", "/texts/empty"] {
      try writer.write(try file.readTexts(name), to: name)
    }
    #expect(try writer.finish() == fixture)
  }

  @Test func aLargeFileHasTheBytesOfVersion010() throws {
    let writer = try HDF5Writer(path: "large.h5")
    // Three chunks of which the last is not full, one row larger than a chunk, and many groups.
    try writer.write((0..<700_000).map { Float($0) }, shape: [700, 1000], to: "/rows")
    try writer.write((0..<300_000).map { Double($0) }, shape: [2, 150_000], to: "/wide")
    for number in 0..<300 {
      try writer.write([Int64(number)], shape: [1], to: "/groups/\(number)/value")
    }
    let digest = SHA256.digest(try writer.finish()).hexadecimal
    #expect(digest == "c0c2f7cad1376c50e6f1e47151f48629ab8aa1f51e496c0ad296cf988c59a215")
  }
}
