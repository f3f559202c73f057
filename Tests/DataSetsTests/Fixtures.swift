import DataSets
import ImageData
import TestSupport

/// What `make_fixtures.py` has written.
enum Fixture {
  static func path(_ name: String) -> String {
    Repository.path("Tests/DataSetsTests/Fixtures/\(name)")
  }

  /// The pixels of the images of one part, as the script makes them.
  static func pixels(
    _ split: DataSplit, _ count: Int, _ height: Int, _ width: Int, _ channels: Int = 1
  ) -> [UInt8] {
    let part =
      switch split {
      case .train: 0
      case .validation: 101
      case .test: 202
      }
    var pixels: [UInt8] = []
    for image in 0..<count {
      for row in 0..<height {
        for column in 0..<width {
          for channel in 0..<channels {
            pixels.append(
              UInt8((part + image * 37 + row * 5 + column * 3 + channel * 11) % 251))
          }
        }
      }
    }
    return pixels
  }

  /// Those images with labels that go round.
  static func set(
    _ split: DataSplit, _ count: Int, _ height: Int, _ width: Int, _ channels: Int = 1,
    labels: [UInt8]?
  ) throws -> ImageSet {
    try ImageSet(
      pixels: pixels(split, count, height, width, channels), labels: labels, height: height,
      width: width, channels: channels)
  }
}

/// Reads a source as some settings say.
func imported(
  _ source: String, _ change: (inout DataImport) -> Void = { _ in }
) throws -> ImportedData {
  var settings = DataImport()
  change(&settings)
  return try settings.read(source)
}

extension DataSet {
  /// The digests of the parts, by which they are compared.
  var digests: [DataSplit: String?] { parts.mapValues(\.sha256) }
}
