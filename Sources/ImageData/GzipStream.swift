import CZlib
import Files
import Platform

/// The inflated content of a gzip file (RFC 1952) of one or more members, checked by zlib against
/// the CRC-32 and the length stored after each.
struct GzipStream: ~Copyable, ByteStream {
  private var file: RegularFile
  private let input: UnsafeMutableRawBufferPointer
  // zlib keeps a pointer back to its state's owner, so the owner may not move.
  private let state: UnsafeMutablePointer<z_stream>
  private var hasEnded = false
  private var finishedMembers = 0

  /// The first bytes of such a file.
  static let signature: [UInt8] = [0x1f, 0x8b]

  /// Takes over a file that is positioned at its start.
  init(_ file: consuming RegularFile) {
    self.file = file
    input = .allocate(byteCount: 1 << 16, alignment: 64)
    state = .allocate(capacity: 1)
    state.initialize(to: z_stream())
    // 15 bits of window, the most there is; 16 asks for gzip's wrapper.
    let status = inflateInit2_(state, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    require(status == Z_OK, "zlib could not start to inflate (status \(status))")
  }

  deinit {
    inflateEnd(state)
    state.deallocate()
    input.deallocate()
  }

  var path: String { file.path }
  var exactSize: Int? { nil }

  /// Deflate writes at most 258 bytes for two bits.
  var upperBound: Int {
    let (bound, overflow) = file.size.multipliedReportingOverflow(by: 1032)
    return overflow ? .max : bound
  }

  func readWhole(into buffer: UnsafeMutableRawBufferPointer) -> Bool {
    WholeGzip.inflate(file, into: buffer)
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count && !hasEnded {
      let inputEnded = try refill() == 0
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let room = min(rest.count, 1 << 30)
      state.pointee.next_out = rest.baseAddress?.assumingMemoryBound(to: UInt8.self)
      state.pointee.avail_out = UInt32(room)
      let status = inflate(state, Z_NO_FLUSH)
      filled += room - Int(state.pointee.avail_out)
      switch status {
      case Z_OK: break
      case Z_STREAM_END: try startNextMember()
      case Z_BUF_ERROR where inputEnded:
        throw damage(found: "compressed data that ends too early", hint: "the file is cut short")
      default: throw failure(status)
      }
    }
    return filled
  }

  /// Reads more of the file once zlib has used what it had; returns what zlib has now.
  private mutating func refill() throws(FileError) -> Int {
    if state.pointee.avail_in == 0 {
      let count = try file.read(into: input)
      state.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      state.pointee.avail_in = UInt32(count)
    }
    return Int(state.pointee.avail_in)
  }

  private mutating func startNextMember() throws(FileError) {
    finishedMembers += 1
    if try refill() == 0 {
      hasEnded = true
    } else if state.pointee.next_in.pointee != 0x1f {
      throw trailingGarbage
    } else {
      inflateReset(state)
    }
  }

  private func failure(_ status: Int32) -> FileError {
    if status == Z_MEM_ERROR { return FileError(.inputOutput, file: path, found: "out of memory") }
    let reason = state.pointee.msg.map { String(cString: $0) } ?? "zlib's status \(status)"
    switch reason {
    case "incorrect data check":
      return damage(expected: "data with the CRC-32 that is stored after it", found: "another")
    case "incorrect length check":
      return damage(expected: "data of the length that is stored after it", found: "another")
    case "incorrect header check" where finishedMembers > 0:
      return trailingGarbage
    default: return damage(found: "damaged compressed data (\(reason))")
    }
  }

  private var trailingGarbage: FileError {
    damage(
      expected: "the end of the file after the compressed data", found: "more bytes", hint: nil)
  }

  private func damage(
    expected: String? = nil, found: String, hint: String? = "the file is damaged"
  ) -> FileError {
    FileError(.invalid, file: path, place: "gzip", expected: expected, found: found, hint: hint)
  }
}
