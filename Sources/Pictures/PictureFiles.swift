import Files
import Platform

extension Picture {
  /// The most bytes of a file: 16-bit colours need six a pixel.
  static let mostBytes = 1 << 30

  /// Reads a picture from an open descriptor to its end, of a pipe say; messages call it `name`.
  ///
  /// - Throws: as ``init(contentsOf:)`` does.
  public init(descriptor: Int32, name: String) throws(FileError) {
    var bytes: [UInt8] = []
    let step = 1 << 20
    while true {
      var piece = [UInt8](repeating: 0, count: step)
      let count: Int
      do throws(SystemError) {
        count = try piece.withUnsafeMutableBufferPointer { (buffer) throws(SystemError) in
          try readFully(descriptor, into: UnsafeMutableRawBufferPointer(buffer))
        }
      } catch {
        throw .system(error.code, file: name, action: "read")
      }
      bytes += piece[..<count]
      guard bytes.count <= Self.mostBytes else {
        throw FileError(
          .invalid, file: name, expected: "at most \(Self.mostBytes) bytes", found: "more")
      }
      if count < step { break }
    }
    try self.init(decoding: bytes, name: name)
  }

  /// The pictures in a folder, in natural order: 2.png before 10.png. Those are the files whose names
  /// end as pictures' do, hidden ones left out; folders in it are not looked into.
  ///
  /// - Returns: their paths; `nil` where `path` leads to no folder.
  /// - Throws: a ``FileError`` where the folder cannot be read, or has no picture.
  public static func files(inFolder path: String) throws(FileError) -> [String]? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    let names: [String]
    do throws(SystemError) {
      names = try namesInFolder(path)
    } catch {
      throw .system(error.code, file: path, action: "read the folder")
    }
    let pictures = names.filter { isPictureName($0) }.sorted(by: isInNaturalOrder)
    guard !pictures.isEmpty else {
      throw FileError(
        .missing, file: path, expected: "a folder of pictures (.png, .jpg, .pgm)",
        found: "none in it")
    }
    return pictures.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
  }

  /// Also names of pictures that are not read: their error says why.
  private static func isPictureName(_ name: String) -> Bool {
    let endings = [
      "png", "jpg", "jpeg", "pgm", "ppm", "pnm", "gif", "webp", "heic", "heif", "avif", "bmp",
      "tif", "tiff",
    ]
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return !name.hasPrefix(".") && parts.count > 1
      && endings.contains(parts.last?.lowercased() ?? "")
  }
}
