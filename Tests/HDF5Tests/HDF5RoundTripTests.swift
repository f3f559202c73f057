import Files
import HDF5
import Testing

@Suite struct HDF5RoundTripTests {
  /// A file with one of everything.
  static func sample() throws -> [UInt8] {
    let writer = try HDF5Writer(path: "sample.h5")
    try writer.createGroup("/layers/dense/vars")
    try writer.write(
      (0..<12).map { Float($0) / 3 }, shape: [3, 4], to: "/layers/dense/vars/0")
    try writer.write([Float](), shape: [0], to: "/empty")
    try writer.write([Int64(-5)], shape: [], to: "/scalar")
    try writer.write([UInt64.max, 7], shape: [2], to: "/unsigned")
    try writer.write([0.1, -2.5], shape: [2], to: "/double")
    try writer.write(["null", "äöü", ""], to: "/texts")
    return try writer.finish()
  }

  @Test func whatIsWrittenIsRead() throws {
    let file = try HDF5File(image: try Self.sample(), path: "sample.h5")
    #expect(file.seal == .intact)
    #expect(
      try file.read("/layers/dense/vars/0", as: Float.self, shape: [3, 4])
        == (0..<12).map { Float($0) / 3 })
    #expect(try file.read("/empty", as: Float.self, shape: [0]) == [])
    #expect(try file.read("/scalar", as: Int64.self, shape: []) == [-5])
    #expect(try file.read("/unsigned", as: UInt64.self) == [UInt64.max, 7])
    #expect(try file.read("/double", as: Double.self) == [0.1, -2.5])
    #expect(try file.readTexts("/texts") == ["null", "äöü", ""])
    #expect(
      try file.members(of: "/") == ["double", "empty", "layers", "scalar", "texts", "unsigned"])
    #expect(try file.kind(of: "/layers/dense") == .group)
    #expect(try file.kind(of: "/layers/dense/vars/0") == .dataset)
    #expect(try file.kind(of: "/layers/conv2d") == nil)
  }

  @Test func equalContentGivesEqualBytes() async throws {
    let first = try Self.sample()
    try await Task.sleep(for: .milliseconds(1100))
    #expect(try Self.sample() == first)
  }

  @Test func aLargeArrayIsCutIntoChunks() throws {
    let values = (0..<700_000).map { Float($0) }
    let writer = try HDF5Writer(path: "large.h5")
    try writer.write(values, shape: [700, 1000], to: "/large")
    let image = try writer.finish()
    #expect(image.count < 700_000 * 4 + 100_000)
    let file = try HDF5File(image: image, path: "large.h5")
    #expect(try file.read("/large", as: Float.self, shape: [700, 1000]) == values)
  }
}
