import MiniCNN
import TestSupport

/// IDX files, gzipped or not, as images and as labels.
struct IDXTarget: FuzzTarget {
  private let file = MemoryFile()
  /// Three images for the labels.
  private let images = MemoryFile("images")

  init() { seeds[0].withUnsafeBytes { images.replace($0) } }

  let seeds: [[UInt8]] = {
    func words(_ words: [UInt32]) -> [UInt8] {
      words.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
    }
    let gray = words([2051, 3, 2, 2]) + Array(0..<12)
    let color = words([2052, 2, 2, 2, 3]) + Array(0..<24)
    let labels = words([2049, 3]) + [2, 1, 0]
    return [
      gray, color, labels, gzip(gray), gzip(labels),
      gzip(Array(gray.prefix(9))) + gzip(Array(gray.dropFirst(9))),
    ]
  }()

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    file.replace(bytes)
    do throws(FileError) {
      let set = try ImageSet(images: file.path)
      let count = set.withPixels { $0.count }
      precondition(count == set.count * set.pixelsPerImage, "\(count) pixels")
      return true
    } catch {
      check(error.description)
    }
    do throws(FileError) {
      let set = try ImageSet(images: images.path, labels: file.path)
      precondition(set.labels?.count == 3, "\(set.labels?.count ?? 0) labels")
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
