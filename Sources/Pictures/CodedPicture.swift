internal import CPictures
import Files

/// A PNG or JPEG as it was decoded: with its opacity, where it has one.
///
/// libpng and libjpeg have had memory errors on files made to cause them. So where the system allows
/// it no picture is decoded in the user's process: the one that does it may crash, hang or lie, and
/// the worst result is an error or other pixels.
struct CodedPicture {
  enum Format: String {
    case png = "PNG"
    case jpeg = "JPEG"

    fileprivate var code: cpictures_format { self == .png ? CPICTURES_PNG : CPICTURES_JPEG }
    fileprivate var library: String { self == .png ? "libpng" : "libjpeg" }
  }

  /// Whether pictures are decoded in a separate process here.
  static var canConfine: Bool { cpictures_can_confine() }

  static let mostPixels = Int(CPICTURES_MOST_PIXELS)
  static let longestEdge = Int(CPICTURES_LONGEST_EDGE)

  let height: Int
  let width: Int
  /// Grey, grey and opacity, RGB, RGB and opacity.
  let channels: Int
  /// `[height, width, channels]`.
  let pixels: [UInt8]

  /// A file that is to be decoded.
  struct File {
    let bytes: [UInt8]
    let format: Format
    let name: String
  }

  /// Decodes files, all in one confined process, as one for each would take most of the time where they
  /// are small. An error is that of the first that cannot be decoded.
  static func decode(_ files: [File]) throws(FileError) -> [CodedPicture] {
    // Bytes that stay where they are, however many files there are.
    let all = files.flatMap(\.bytes)
    var pictures = [cpictures_picture](repeating: cpictures_picture(), count: files.count)
    var (decoded, error) = (0, cpictures_error())
    let code = all.withUnsafeBytes { bytes in
      var start = 0
      let coded = files.map { file in
        defer { start += file.bytes.count }
        return cpictures_coded(
          bytes: bytes.baseAddress.map { $0 + start }, size: file.bytes.count,
          format: file.format.code)
      }
      return cpictures_decode_all(coded, coded.count, &pictures, &decoded, &error)
    }
    defer { for index in 0..<decoded { cpictures_free(&pictures[index]) } }
    guard code == CPICTURES_DONE else {
      throw FileError(error, files[decoded].format, file: files[decoded].name)
    }
    return pictures.map { CodedPicture($0) }
  }

  private init(_ picture: cpictures_picture) {
    (height, width) = (Int(picture.height), Int(picture.width))
    channels = Int(picture.channels)
    pixels = Array(
      UnsafeBufferPointer(start: picture.pixels, count: height * width * channels))
  }

  init(
    _ bytes: [UInt8], _ format: Format, name: String, isConfined: Bool
  ) throws(FileError) {
    var picture = cpictures_picture()
    var error = cpictures_error()
    let code = bytes.withUnsafeBytes {
      cpictures_decode($0.baseAddress, $0.count, format.code, isConfined, &picture, &error)
    }
    guard code == CPICTURES_DONE else { throw FileError(error, format, file: name) }
    defer { cpictures_free(&picture) }
    self.init(picture)
  }

  /// The picture on a ground: white, or black where less than half of it is opaque, and that light.
  func flattened() -> Picture {
    guard channels == 2 || channels == 4 else {
      return Picture(height: height, width: width, channels: channels, pixels: pixels)
    }
    let colors = channels - 1
    var opacity = 0, light = 0
    for start in stride(from: 0, to: pixels.count, by: channels) {
      let alpha = Int(pixels[start + colors])
      opacity += alpha
      for color in 0..<colors { light += alpha * Int(pixels[start + color]) }
    }
    let isBlack = opacity < height * width * 255 / 2 && light > opacity * colors * 255 / 2
    let ground = isBlack ? 0 : 255
    var flat = [UInt8](repeating: 0, count: height * width * colors)
    for pixel in 0..<height * width {
      let alpha = Int(pixels[pixel * channels + colors])
      for color in 0..<colors {
        let value = Int(pixels[pixel * channels + color]) * alpha + ground * (255 - alpha)
        flat[pixel * colors + color] = UInt8((value + 127) / 255)
      }
    }
    return Picture(height: height, width: width, channels: colors, pixels: flat)
  }
}

extension FileError {
  fileprivate init(_ error: cpictures_error, _ format: CodedPicture.Format, file: String) {
    let message = Self.text(error.message)
    func damaged(_ found: String) -> FileError {
      FileError(
        .invalid, file: file, expected: "a \(format.rawValue) picture", found: found,
        hint: "the file is damaged")
    }
    switch error.code {
    case CPICTURES_CUT_SHORT: self = damaged("one that is cut short")
    case CPICTURES_TOO_LARGE:
      self = .tooLarge(height: Int(error.height), width: Int(error.width), file: file)
    case CPICTURES_UNSUPPORTED:
      self.init(
        .invalid, file: file, expected: "a \(format.rawValue) picture in grey or RGB",
        found: message, hint: "save it in RGB")
    case CPICTURES_DAMAGED: self = damaged("one that \(format.library) refuses: \(message)")
    case CPICTURES_SYSTEM:
      self = .system(error.number, file: file, action: Self.text(error.operation))
      kind = .inputOutput
    case CPICTURES_CRASHED:
      self = damaged("content that crashes \(format.library) (signal \(error.number))")
    case CPICTURES_KILLED:
      self.init(
        .inputOutput, file: file, found: "the process that decodes it was killed",
        hint: "the system may be out of memory")
    case CPICTURES_EXHAUSTED:
      self = damaged("content that keeps \(format.library) busy for over \(error.number) s")
    case CPICTURES_SILENT: self = damaged("content that \(format.library) gives no answer to")
    default: self = damaged("content that confuses \(format.library)")
    }
  }

  /// A picture that is larger than any that is read.
  static func tooLarge(height: Int, width: Int, file: String) -> FileError {
    FileError(
      .invalid, file: file,
      expected:
        "a picture of at most \(Picture.mostPixels / 1_000_000) megapixels, each edge at most"
        + " \(Picture.longestEdge) pixels",
      found: "one of \(width) by \(height) pixels", hint: "scale it down")
  }

  /// The text in an array of C characters, up to the first zero.
  private static func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
