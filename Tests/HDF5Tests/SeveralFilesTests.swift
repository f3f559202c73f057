import Files
import HDF5
import Testing

/// libhdf5 knows files in memory by their name alone, so two of them must never share one.
@Suite struct SeveralFilesTests {
  private func image(_ value: Float) throws -> [UInt8] {
    let writer = try HDF5Writer(path: "\(value).h5")
    try writer.write([value], shape: [1], to: "/value")
    return try writer.finish()
  }

  @Test func filesOpenAtOnceKeepTheirContent() throws {
    let first = try HDF5File(image: image(1), path: "1.h5")
    let second = try HDF5File(image: image(2), path: "2.h5")
    #expect(try first.read("/value", as: Float.self, shape: [1]) == [1])
    #expect(try second.read("/value", as: Float.self, shape: [1]) == [2])
  }

  @Test func filesWrittenAtOnceKeepTheirContent() throws {
    let first = try HDF5Writer(path: "1.h5")
    let second = try HDF5Writer(path: "2.h5")
    try first.write([Float(1)], shape: [1], to: "/value")
    try second.write([Float(2)], shape: [1], to: "/value")
    for (bytes, value) in [(try first.finish(), Float(1)), (try second.finish(), 2)] {
      #expect(
        try HDF5File(image: bytes, path: "a.h5").read("/value", as: Float.self, shape: [1])
          == [value])
    }
  }

  @Test func manyThreadsReadAndWrite() async throws {
    try await withThrowingTaskGroup { group in
      for value in 0..<100 {
        group.addTask {
          let bytes = try image(Float(value))
          let file = try HDF5File(image: bytes, path: "a.h5")
          #expect(try file.read("/value", as: Float.self, shape: [1]) == [Float(value)])
        }
      }
      try await group.waitForAll()
    }
  }
}
