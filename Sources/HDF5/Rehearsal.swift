import Files

/// Reads a file of our own making once, before the first process is copied.
///
/// What runs for the first time takes locks of the language's runtime, which another thread may hold
/// at the moment of the copy, and takes longer. After this nothing in the copy runs for the first
/// time.
enum Rehearsal {
  /// Done on first use.
  static let once: Void = {
    // A failure will be met again, and reported, where a file is read.
    guard let image = try? image() else { return }
    Library.locked {
      do throws(FileError) {
        let reader = try Reader(image: image, path: "rehearsal")
        for name in ["/numbers", "/numbers/floats", "/numbers/integers", "/texts", "/missing"] {
          for request: Request in [
            .kind(name), .members(name), .form(name), .values(name, .float32),
            .values(name, .int64), .texts(name),
          ] {
            var answer = Request(request.message).map { Server.answer($0, reader) }
            if answer?.takeNumber() == 1 { _ = answer?.takeError(file: "rehearsal") }
          }
        }
      } catch {}
    }
  }()

  private static func image() throws(FileError) -> [UInt8] {
    let writer = try HDF5Writer(path: "rehearsal")
    try writer.write([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3], to: "/numbers/floats")
    try writer.write([7] as [Int64], shape: [], to: "/numbers/integers")
    try writer.write(["text"], to: "/texts")
    return Array(try writer.finish().dropFirst(SealedImage.blockSize))
  }
}
