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
