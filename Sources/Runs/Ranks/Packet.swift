import NeuralNetwork

/// Bytes for other ranks, put together of numbers, texts and arrays; ``PacketReader`` takes them apart.
///
/// Numbers are as this processor has them: ranks run one and the same program.
struct PacketWriter {
  /// What was written so far.
  private(set) var bytes: [UInt8] = []

  mutating func write(_ number: Int) {
    withUnsafeBytes(of: Int64(number)) { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ text: String) { write(Array(text.utf8)) }

  mutating func write<Element: BitwiseCopyable>(_ values: [Element]) {
    write(values.count)
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// Writes whether there is a value and, if so, the value.
  mutating func write<Value>(_ value: Value?, _ write: (inout PacketWriter, Value) -> Void) {
    self.write(value == nil ? 0 : 1)
    if let value { write(&self, value) }
  }
}

/// Takes apart what a ``PacketWriter`` of another rank has put together; counts are checked, so that what
/// was damaged on the way is an error.
struct PacketReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func number() throws(RanksError) -> Int {
    let start = try take(1, of: Int64.self)
    return Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Int64.self) })
  }

  mutating func text() throws(RanksError) -> String {
    guard let text = String(validating: try array(of: UInt8.self), as: UTF8.self) else {
      throw RanksError("what another rank sent is damaged: expected a text, found other bytes")
    }
    return text
  }

  mutating func array<Element: BitwiseCopyable>(
    of type: Element.Type
  ) throws(RanksError) -> [Element] {
    let count = try number()
    let start = try take(count, of: type)
    return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      bytes.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(
            rebasing: bytes[start..<start + count * MemoryLayout<Element>.stride]))
      }
      filled = count
    }
  }

  mutating func optional<Value>(
    _ read: (inout PacketReader) throws(RanksError) -> Value
  ) throws(RanksError) -> Value? {
    try number() == 0 ? nil : try read(&self)
  }

  /// Goes on behind so many elements, which begin at the place that is returned.
  private mutating func take<Element>(_ count: Int, of type: Element.Type) throws(RanksError) -> Int
  {
    let rest = bytes.count - place
    guard count >= 0, count <= rest / MemoryLayout<Element>.stride else {
      throw RanksError(
        "what another rank sent is damaged: expected \(count) elements of"
          + " \(MemoryLayout<Element>.stride) bytes, found \(rest) bytes")
    }
    defer { place += count * MemoryLayout<Element>.stride }
    return place
  }
}
