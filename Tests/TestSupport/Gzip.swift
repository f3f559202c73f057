import CZlib

/// One gzip member with these bytes.
public func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var state = z_stream()
  let size = Int32(MemoryLayout<z_stream>.size)
  let started = deflateInit2_(
    &state, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
  precondition(started == Z_OK, "zlib could not start")
  defer { deflateEnd(&state) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&state, UInt(bytes.count))) + 32)
  input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      (state.next_in, state.avail_in) = (input.baseAddress, UInt32(input.count))
      (state.next_out, state.avail_out) = (output.baseAddress, UInt32(output.count))
      precondition(deflate(&state, Z_FINISH) == Z_STREAM_END, "zlib could not finish")
    }
  }
  return Array(output.prefix(Int(state.total_out)))
}
