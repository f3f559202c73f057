import Files

extension Picture {
  /// The most files that are decoded at once, and the most bytes of them.
  private static let batch = (files: 256, bytes: 32 << 20)

  /// Reads files as ``init(contentsOf:)`` reads each, many times faster where they are small: PNG and JPEG
  /// files share a confined process, where the system has such.
  ///
  /// - Parameter body: is called with the number of each path and its picture, in their order.
  /// - Throws: `body`'s error, or a ``FileError`` for the first file that cannot be read; those before it
  ///   may not have been handed over.
  package static func read(
    _ paths: [String], _ body: (Int, Picture) throws(FileError) -> Void
  ) throws(FileError) {
    var start = 0
    while start < paths.count {
      var files: [(bytes: [UInt8], name: String)] = []
      var bytes = 0
      while start + files.count < paths.count, files.count < batch.files, bytes < batch.bytes {
        let path = paths[start + files.count]
        files.append((try WholeFile.read(path, limit: 1 << 30), path))
        bytes += files.last?.bytes.count ?? 0
      }
      for (number, picture) in try decode(files).enumerated() { try body(start + number, picture) }
      start += files.count
    }
  }

  private static func decode(
    _ files: [(bytes: [UInt8], name: String)]
  ) throws(FileError) -> [Picture] {
    var pictures: [Picture?] = []
    var coded: [(place: Int, file: CodedPicture.File)] = []
    for (place, file) in files.enumerated() {
      let format: CodedPicture.Format
      switch try PictureFormat(of: file.bytes, name: file.name) {
      case .png where CodedPicture.canConfine: format = .png
      case .jpeg where CodedPicture.canConfine: format = .jpeg
      default:
        pictures.append(try Picture(decoding: file.bytes, name: file.name))
        continue
      }
      pictures.append(nil)
      coded.append((place, CodedPicture.File(bytes: file.bytes, format: format, name: file.name)))
    }
    if !coded.isEmpty {
      for (entry, picture) in zip(coded, try CodedPicture.decode(coded.map(\.file))) {
        pictures[entry.place] = picture.flattened()
      }
    }
    return pictures.compactMap { $0 }
  }
}
