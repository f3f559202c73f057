import Files

/// A message between the process that reads files and the one that asks it to, as bytes: numbers of
/// eight bytes, texts with their length in front.
///
/// What comes from the other process is as hostile as the file it reads: whatever is taken is
/// checked against what is there.
struct Message: Equatable {
  /// The bytes; those that have been taken are gone from the front.
  private(set) var bytes: ArraySlice<UInt8> = []

  /// A message to be put together.
  init() {}

  /// A message that has come.
  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  mutating func put(_ number: Int) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Puts bytes at the end; whoever takes the message knows that they are the rest of it.
  mutating func append(_ rest: [UInt8]) { bytes += rest }

  mutating func put(_ text: String) {
    put(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func put(_ text: String?) {
    put(text == nil ? 0 : 1)
    if let text { put(text) }
  }

  mutating func put(_ error: FileError) {
    put(error.kind == .invalid ? 0 : 1)
    put(error.place)
    put(error.expected)
    put(error.found)
    put(error.hint)
  }

  /// The next number; `nil` where the message has none left.
  mutating func takeNumber() -> Int? {
    guard bytes.count >= 8 else { return nil }
    var number = 0
    withUnsafeMutableBytes(of: &number) { $0.copyBytes(from: bytes.prefix(8)) }
    bytes = bytes.dropFirst(8)
    return Int(littleEndian: number)
  }

  /// The next text.
  mutating func takeText() -> String? {
    guard let count = takeNumber(), count >= 0, count <= bytes.count,
      let text = String(validating: bytes.prefix(count), as: UTF8.self)
    else { return nil }
    bytes = bytes.dropFirst(count)
    return text
  }

  /// The next text that may be missing.
  mutating func takeOptionalText() -> String?? {
    guard let isThere = takeNumber() else { return nil }
    return isThere == 0 ? .some(nil) : takeText().map { .some($0) }
  }

  /// The next error; its file is `file`.
  mutating func takeError(file: String) -> FileError? {
    guard let kind = takeNumber(), let place = takeOptionalText(),
      let expected = takeOptionalText(), let found = takeText(), let hint = takeOptionalText()
    else { return nil }
    // Nobody reads a longer line.
    func short(_ text: String?) -> String? { text.map { String($0.prefix(400)) } }
    return FileError(
      kind == 0 ? .invalid : .inputOutput, file: file, place: short(place),
      expected: short(expected), found: short(found) ?? "", hint: short(hint))
  }
}
