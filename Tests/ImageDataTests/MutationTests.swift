import Files
import ImageData
import Testing

@Suite("ImageDataTests: mutations") struct MutationTests {
  /// Whatever a file holds, reading it ends in a set that keeps its promises or in a `FileError`.
  @Test func randomChangesNeverCrash() throws {
    let folder = try TemporaryFolder()
    let seeds = [
      threeImages, idx([2052, 2, 2, 2, 3], Array(0..<24)), gzip(threeImages),
      gzip(Array(threeImages.prefix(9))) + gzip(Array(threeImages.dropFirst(9))),
      idx([2049, 3], [2, 1, 0]), gzip(idx([2049, 3], [2, 1, 0])),
    ]
    let images = try folder.write("images", threeImages)
    var generator = SplitMix64(state: 2026)
    var outcomes = (sound: 0, broken: 0)
    for round in 0..<3000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes, &generator) }
      let file = try folder.write("f", bytes)
      do throws(FileError) {
        let set =
          round % 6 < 4 ? try ImageSet(images: file) : try ImageSet(images: images, labels: file)
        #expect(set.withPixels { $0.count } == set.count * set.pixelsPerImage)
        #expect(set.labels.map { $0.count == set.count } ?? true)
        outcomes.sound += 1
      } catch {
        #expect(!error.description.contains("\n"))
        outcomes.broken += 1
      }
    }
    #expect(outcomes.sound > 100)
    #expect(outcomes.broken > 1000)
  }

  private func mutate(_ bytes: inout [UInt8], _ generator: inout SplitMix64) {
    guard let index = bytes.indices.randomElement(using: &generator) else { return }
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: bytes[index] = .random(in: 0...255, using: &generator)
    case 2: bytes[index] = 255
    case 3: bytes.removeSubrange(index...)
    case 4: bytes.insert(.random(in: 0...255, using: &generator), at: index)
    default: bytes += bytes[index...]
    }
  }
}
