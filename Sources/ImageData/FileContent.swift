import Files
import Platform

/// The content of a file, inflated where it is a gzip file, in pieces.
package enum FileContent {
  /// Hands all pieces in their order to `body`, with the share of the file that has been read where that
  /// is known. A piece lasts as long as the call.
  package static func forEachPiece(
    of path: String, _ body: (UnsafeRawBufferPointer, Double?) throws(FileError) -> Void
  ) throws(FileError) {
    var file = try RegularFile(path)
    if try file.start(2) == GzipStream.signature {
      var stream = GzipStream(file)
      try read(&stream, body)
    } else {
      try read(&file, body)
    }
  }

  private static func read<Stream: ByteStream & ~Copyable>(
    _ stream: inout Stream, _ body: (UnsafeRawBufferPointer, Double?) throws(FileError) -> Void
  ) throws(FileError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var done = 0
    while true {
      let count = try stream.read(into: buffer)
      done += count
      try body(
        UnsafeRawBufferPointer(rebasing: buffer[..<count]),
        stream.exactSize.map { Double(done) / Double(max($0, 1)) })
      if count < buffer.count { return }
    }
  }
}
