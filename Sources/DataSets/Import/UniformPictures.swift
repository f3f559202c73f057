import Files
import ImageData
import Pictures

/// Pictures that are to have one size and as many channels.
struct UniformPictures {
  private let size: PictureSize?
  /// 1 where all are turned to grey, 3 where all are coloured, and `nil` for as they are.
  private let channels: Int?
  private var pictures: [Picture] = []
  private var first = ""

  init(settings: DataImport) {
    size = settings.size
    channels = settings.form.channels
  }

  /// Takes one more, which was read from a path.
  mutating func add(_ picture: Picture, from path: String) throws(FileError) {
    var picture = picture
    if channels == 1 { picture = picture.inGrey }
    if let size { picture = picture.scaled(to: size) }
    if let other = pictures.first {
      guard picture.height == other.height, picture.width == other.width else {
        throw FileError(
          .invalid, file: path, place: "size",
          expected: "\(other.height)×\(other.width), as \(first) has",
          found: "\(picture.height)×\(picture.width)", hint: "all can be scaled to one size")
      }
    } else {
      first = path
    }
    pictures.append(picture)
  }

  /// Some of those that were read. Where any was coloured, all are.
  func set(
    _ range: Range<Int>, labels: [UInt8], name: String
  ) throws(FileError) -> ImageSet {
    let isColoured = channels == 3 || pictures.contains { $0.channels == 3 }
    var pixels: [UInt8] = []
    for picture in pictures[range] { pixels += isColoured ? picture.colours : picture.pixels }
    return try ImageSet(
      pixels: pixels, labels: labels, height: pictures[range.lowerBound].height,
      width: pictures[range.lowerBound].width, channels: isColoured ? 3 : 1, name: name)
  }
}
