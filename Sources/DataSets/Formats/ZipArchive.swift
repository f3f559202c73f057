internal import CArchives
import Files

/// A zip file in memory, which on Linux a separate process parses: what is in it is hostile until its
/// checksums have been compared, and a library that parses it may err.
package struct ZipArchive {
  /// A file in the archive.
  package struct Member {
    package let name: String
    /// The bytes of its content, as stated and checked to be possible.
    let size: Int
  }

  /// The first bytes of such a file.
  static let signature: [UInt8] = [0x50, 0x4b, 0x03, 0x04]

  /// Whether a file begins as NumPy's archives do, with an array.
  static func isOfArrays(_ path: String) throws(FileError) -> Bool {
    // The bytes before the name of the first member, which states its own length, and more than enough for it.
    let (header, longest) = (30, 255)
    let start = try WholeFile.start(of: path, count: header + longest)
    guard start.count > header, start.starts(with: signature) else { return false }
    let length = Int(start[26]) | Int(start[27]) << 8
    return String(decoding: start[header...].prefix(length), as: UTF8.self).hasSuffix(".npy")
  }

  /// The path, as the user wrote it.
  let path: String
  package let members: [Member]
  private let bytes: [UInt8]
  private let isConfined: Bool

  /// Reads an archive's directory.
  init(reading path: String) throws(FileError) {
    try self.init(try WholeFile.read(path), path: path)
  }

  /// Reads the directory of an archive that is in memory; `path` is what messages call it.
  package init(_ bytes: [UInt8], path: String) throws(FileError) {
    try self.init(bytes, path: path, isConfined: carchives_can_confine())
  }

  /// Reads the directory of an archive that is in memory, in a process of its own or in this one.
  package init(_ bytes: [UInt8], path: String, isConfined: Bool) throws(FileError) {
    (self.bytes, self.path, self.isConfined) = (bytes, path, isConfined)
    var found = [carchives_member](
      repeating: carchives_member(), count: Int(CARCHIVES_MOST_MEMBERS))
    var (count, error) = (0, carchives_error())
    let code = bytes.withUnsafeBytes { bytes in
      carchives_list(Self.archive(bytes, isConfined), &found, &count, &error)
    }
    guard code == CARCHIVES_DONE else { throw FileError(error, file: path, place: nil) }
    members = found.prefix(count).map {
      Member(name: FileError.text($0.name), size: Int(clamping: $0.size))
    }
  }

  /// The content of a member.
  ///
  /// - Parameter limit: the most bytes; no memory is set aside for more.
  /// - Throws: a `FileError` where it is larger, damaged, or not of the size that is stated.
  package func content(
    ofMember number: Int, limit: Int = .max
  ) throws(FileError) -> [UInt8] {
    let size = members[number].size
    guard size <= limit else {
      throw FileError(
        .invalid, file: path, place: members[number].name, expected: "at most \(limit) bytes",
        found: "\(size)")
    }
    var error = carchives_error()
    var code = CARCHIVES_DONE
    let content = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      code = bytes.withUnsafeBytes { bytes in
        carchives_read(
          Self.archive(bytes, isConfined), number, buffer.baseAddress, size, &error)
      }
      count = code == CARCHIVES_DONE ? size : 0
    }
    guard code == CARCHIVES_DONE else {
      throw FileError(error, file: path, place: members[number].name)
    }
    return content
  }

  private static func archive(
    _ bytes: UnsafeRawBufferPointer, _ isConfined: Bool
  ) -> carchives_archive {
    carchives_archive(bytes: bytes.baseAddress, size: bytes.count, is_confined: isConfined)
  }
}

extension FileError {
  fileprivate init(_ error: carchives_error, file: String, place: String?) {
    func damaged(_ found: String) -> FileError {
      FileError(
        .invalid, file: file, place: place, expected: "a sound zip file", found: found,
        hint: "the file is cut short or damaged")
    }
    let message = Self.text(error.message)
    switch error.code {
    case CARCHIVES_DAMAGED: self = damaged("one that libzip refuses: \(message)")
    case CARCHIVES_UNSUPPORTED:
      self.init(
        .invalid, file: file, place: place, expected: "a plain zip file", found: message)
    case CARCHIVES_OTHER_SIZE: self = damaged("content of another size than is stated")
    case CARCHIVES_SYSTEM:
      self = .system(error.number, file: file, action: Self.text(error.operation))
      kind = .inputOutput
    case CARCHIVES_CRASHED: self = damaged("content that crashes libzip (signal \(error.number))")
    case CARCHIVES_KILLED:
      self.init(
        .inputOutput, file: file, found: "the process that reads it was killed",
        hint: "the system may be out of memory")
    case CARCHIVES_EXHAUSTED:
      self = damaged("content that keeps libzip busy for over \(error.number) s")
    case CARCHIVES_SILENT: self = damaged("content that libzip gives no answer to")
    default: self = damaged("content that confuses libzip")
    }
  }

  /// The text in an array of C characters, up to the first zero.
  fileprivate static func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
