import CZlib
import Files
import Foundation
import ImageData
import Testing

/// A folder for one test's files, removed with the value.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/minicnn-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = "\(path)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// An error's sentence without this folder's path.
  func sentence(_ error: FileError?) -> String? {
    error?.description.replacingOccurrences(of: path + "/", with: "")
  }
}

/// The bytes of an IDX file: the magic number and the dimensions as big-endian words, the content.
func idx(_ words: [UInt32], _ content: [UInt8] = []) -> [UInt8] {
  words.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } } + content
}

/// Three images of 2 x 2 pixels.
let threeImages = idx([2051, 3, 2, 2], Array(0..<12))

/// N, height, width, channels.
func shape(_ set: ImageSet) -> [Int] { [set.count, set.height, set.width, set.channels] }

/// One gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var state = z_stream()
  let size = Int32(MemoryLayout<z_stream>.size)
  #expect(deflateInit2_(&state, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == 0)
  defer { deflateEnd(&state) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&state, UInt(bytes.count))) + 32)
  input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      (state.next_in, state.avail_in) = (input.baseAddress, UInt32(input.count))
      (state.next_out, state.avail_out) = (output.baseAddress, UInt32(output.count))
      #expect(deflate(&state, Z_FINISH) == Z_STREAM_END)
    }
  }
  return Array(output.prefix(Int(state.total_out)))
}

/// A seeded generator (SplitMix64; Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
