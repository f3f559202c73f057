import Files

/// Bytes that come in order, once, from a file.
protocol ByteStream: ~Copyable {
  /// The path of the file, as the user wrote it.
  var path: String { get }

  /// The most bytes the stream can possibly hold, judged by the size of its file.
  var upperBound: Int { get }

  /// How many bytes the stream holds, where that is known without reading them.
  var exactSize: Int? { get }

  /// Overwrites `buffer` with the next bytes and returns how many there were: fewer than
  /// `buffer.count` only at the end of the stream, which has then been verified.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int
}

extension RegularFile: ByteStream {
  var upperBound: Int { size }
  var exactSize: Int? { size }
}
