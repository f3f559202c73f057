import Files

/// Bytes that come in order, once, from a file.
protocol ByteStream: ~Copyable {
  /// The path of the file, as the user wrote it.
  var path: String { get }

  /// The most bytes the stream can possibly hold, judged by the size of its file.
  var upperBound: Int { get }

  /// How many bytes the stream holds, where that is known without reading them.
  var exactSize: Int? { get }

  /// Overwrites `buffer` with the whole stream from its first byte on, whatever has been read of
  /// it, and verifies it; false where the stream is no sound one of exactly that length, or cannot
  /// be read so: reading it piece by piece then tells what is wrong.
  func readWhole(into buffer: UnsafeMutableRawBufferPointer) -> Bool

  /// Overwrites `buffer` with the next bytes and returns how many there were: fewer than
  /// `buffer.count` only at the end of the stream, which has then been verified.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int
}

extension RegularFile: ByteStream {
  var upperBound: Int { size }
  var exactSize: Int? { size }

  /// Nothing is gained over pieces.
  func readWhole(into buffer: UnsafeMutableRawBufferPointer) -> Bool { false }
}
