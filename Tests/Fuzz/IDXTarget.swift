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
    let floats = words([0x0d03, 3, 1, 2, 0x3f80_0000, 0, 0xbf00_0000, 1, 2, 3])
    let targets = words([0x0d02, 3, 1, 0x3f80_0000, 0, 0xbf00_0000])
    let shorts = words([0x0b03, 3, 2, 2]) + Array(0..<24)
    return [
      gray, floats, targets, shorts, color, labels, gzip(gray), gzip(labels),
      gzip(Array(gray.prefix(9))) + gzip(Array(gray.dropFirst(9))),
    ]
  }()

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    file.replace(bytes)
    do throws(FileError) {
      let set = try ImageSet(images: file.path)
      var pixels = [UInt8](repeating: 0, count: set.pixelsPerImage)
      for number in [0, set.count - 1] { set.copyPixels(of: number, into: &pixels) }
      return true
    } catch {
      check(error.description)
    }
    do throws(FileError) {
      let set = try ImageSet(images: images.path, labels: file.path)
      let count =
        set.labels?.count ?? (set.targetValues?.count ?? 0) / (set.targetShape?.count ?? 1)
      precondition(count == 3, "\(count) labels or targets")
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
