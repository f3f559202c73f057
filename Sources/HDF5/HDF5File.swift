import Files

/// An HDF5 file that is read: its seal has been checked if it has one, and a process of its own
/// parses it (``ReadingProcess``).
public struct HDF5File: ~Copyable {
  private let process: ReadingProcess
  /// The path, as the user wrote it.
  public let path: String
  /// Whether the file is sealed, that is, one of ours.
  public let seal: SealedImage.Seal
  /// The file's size in bytes.
  private let size: Int
  /// The most bytes that its arrays can have: deflate shrinks by 1032 at the very most.
  public var upperBound: Int {
    let (bound, overflow) = size.multipliedReportingOverflow(by: 1032)
    return overflow ? .max : bound
  }

  /// Reads a file.
  ///
  /// - Throws: a `FileError` where it is missing, cannot be read, is no HDF5 file, or is damaged.
  public init(reading path: String) throws(FileError) {
    try self.init(image: try WholeFile.read(path), path: path)
  }

  /// Reads a file from its bytes; `path` is what messages call it.
  public init(image: [UInt8], path: String) throws(FileError) {
    let seal = try SealedImage.verify(image, file: path)
    // libhdf5 gets what stands behind the seal.
    let content = seal == .intact ? Array(image.dropFirst(SealedImage.blockSize)) : image
    let process = try ReadingProcess(image: content, path: path)
    _ = try process.ask(.open)
    self.process = process
    self.seal = seal
    self.path = path
    size = image.count
  }

  /// What stands at a path; `nil` where nothing does, ``ObjectKind/link`` where a soft or external
  /// link stands there or on the way, as none is followed.
  public func kind(of name: String) throws(FileError) -> ObjectKind? {
    var answer = try process.ask(.kind(name))
    guard let number = answer.takeNumber() else { throw process.nonsense }
    return ObjectKind(rawValue: number)
  }

  /// The names in a group, in increasing order of bytes.
  public func members(of name: String) throws(FileError) -> [String] {
    var answer = try process.ask(.members(name))
    guard let count = answer.takeNumber() else { throw process.nonsense }
    var names: [String] = []
    while names.count < count {
      guard let name = answer.takeText() else { throw process.nonsense }
      names.append(name)
    }
    return names
  }

  /// The element type and shape of an array.
  public func form(of name: String) throws(FileError) -> ArrayForm {
    var answer = try process.ask(.form(name))
    guard let form = ArrayForm(&answer), let bytes = form.byteCount, bytes <= upperBound else {
      throw process.nonsense
    }
    return form
  }

  /// Reads an array whose shape is known, or any of at most `limit` elements.
  ///
  /// - Throws: a `FileError` where it is missing, of another type or shape, or fails its checksum.
  ///   Nothing is set aside for the elements before all of that has been checked.
  public func read<Element: HDF5Element>(
    _ name: String, as type: Element.Type, shape: [Int]? = nil, limit: Int = 1 << 20
  ) throws(FileError) -> [Element] {
    let form = try form(of: name)
    let wanted = Element.elementType
    if let shape, form.shape != shape || !wanted.accepts(form.type) {
      throw place(name).mismatch(
        expected: ArrayForm.name(wanted.name, shape: shape), found: form.name)
    }
    guard wanted.accepts(form.type), form.shape != nil, shape != nil || form.count <= limit
    else {
      throw place(name).mismatch(
        expected: "\(wanted.name) array of at most \(limit) elements", found: form.name)
    }
    let count = form.count
    guard count > 0 else { return [] }
    let bytes = count * wanted.size
    let answer = try process.ask(.values(name, wanted), limit: bytes)
    guard answer.bytes.count == bytes else { throw process.nonsense }
    return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      UnsafeMutableRawBufferPointer(buffer).copyBytes(from: answer.bytes)
      filled = count
    }
  }

  /// Reads an array of texts of fixed length, of at most `limit` bytes in all.
  public func readTexts(_ name: String, limit: Int = 1 << 22) throws(FileError) -> [String] {
    let form = try form(of: name)
    guard case .text(let length?) = form.type, let total = form.byteCount, total <= limit else {
      throw place(name).mismatch(expected: "texts of at most \(limit) bytes", found: form.name)
    }
    guard total > 0 else { return [] }
    let bytes = Array(try process.ask(.texts(name), limit: total).bytes)
    guard bytes.count == total else { throw process.nonsense }
    var texts: [String] = []
    for start in stride(from: 0, to: total, by: length) {
      let text = bytes[start..<start + length].prefix { $0 != 0 }
      guard let valid = String(validating: text, as: UTF8.self) else {
        throw place(name).mismatch(expected: "a text in UTF-8", found: "other bytes")
      }
      texts.append(valid)
    }
    return texts
  }

  private func place(_ name: String) -> Place { Place(file: path, object: name, kind: .invalid) }
}
