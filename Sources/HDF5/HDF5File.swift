internal import CHDF5
import Files

/// An HDF5 file being read: its seal has been checked if it has one, and on Linux a separate
/// process parses it.
///
/// libhdf5 has had memory errors on files made to cause them, and a digest only says that a file is
/// as it was written, not by whom. So where the system allows it no file is parsed in the user's
/// process: the one that does it may crash, hang or lie, and the worst result is an error.
package struct HDF5File: ~Copyable {
  private let file: OpaquePointer
  /// The path, as the user wrote it.
  package let path: String
  /// Whether the file is sealed, that is, one of ours.
  package let seal: SealedImage.Seal
  /// The file's size in bytes.
  private let size: Int
  /// The most bytes that its arrays can have: deflate compresses by a factor of at most 1032.
  package var upperBound: Int {
    let (bound, overflow) = size.multipliedReportingOverflow(by: 1032)
    return overflow ? .max : bound
  }

  /// Reads a file.
  ///
  /// - Throws: a `FileError` where it is missing, cannot be read, is not an HDF5 file, or is
  ///   damaged.
  package init(reading path: String) throws(FileError) {
    try self.init(image: try WholeFile.read(path), path: path)
  }

  /// Reads a file from its bytes; `path` is what messages call it.
  package init(image: [UInt8], path: String) throws(FileError) {
    try self.init(image: image, path: path, isConfined: chdf5_can_confine())
  }

  /// Reads a file from its bytes, in a separate process or in this one.
  package init(image: [UInt8], path: String, isConfined: Bool) throws(FileError) {
    let seal = try SealedImage.verify(image, file: path)
    // libhdf5 gets what follows the seal.
    let start = seal == .intact ? SealedImage.blockSize : 0
    var file: OpaquePointer?
    var error = chdf5_error()
    let code = image.withUnsafeBytes { bytes in
      let content = UnsafeRawBufferPointer(rebasing: bytes[start...])
      return chdf5_open(content.baseAddress, content.count, isConfined, &file, &error)
    }
    guard code == CHDF5_DONE, let file else {
      guard code != CHDF5_FAILED else {
        throw FileError(
          .invalid, file: path, expected: "an HDF5 file", found: FileError.text(error.message),
          hint: "the file is cut short or damaged")
      }
      var error = FileError(error, .invalid, file: path)
      if code == CHDF5_SYSTEM { error.hint = "HDF5 files are read by a confined process only" }
      throw error
    }
    self.file = file
    self.path = path
    self.seal = seal
    size = image.count
  }

  /// Takes over what CHDF5 has opened, as if it had been unsealed bytes, `size` of them.
  init(taking file: OpaquePointer, path: String, size: Int) {
    self.file = file
    self.path = path
    self.seal = .absent
    self.size = size
  }

  deinit { chdf5_close(file) }

  private func check(
    _ call: (UnsafeMutablePointer<chdf5_error>) -> chdf5_code
  ) throws(FileError) {
    try FileError.check(.invalid, file: path, call)
  }

  /// What is at a path; `nil` where nothing is, ``ObjectKind/link`` where a soft or external link
  /// is there or on the way, as none is followed.
  package func kind(of name: String) throws(FileError) -> ObjectKind? {
    var kind = CHDF5_NOTHING
    try check { chdf5_kind_of(file, name, &kind, $0) }
    return ObjectKind(kind)
  }

  /// The names in a group, in increasing order of bytes.
  package func members(of name: String) throws(FileError) -> [String] {
    var names: UnsafePointer<CChar>?
    var size = 0
    try check { chdf5_members_of(file, name, &names, &size, $0) }
    return Self.texts(names, size).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Texts that are followed by a zero each.
  private static func texts(
    _ start: UnsafePointer<CChar>?, _ size: Int
  ) -> [UnsafeRawBufferPointer.SubSequence] {
    UnsafeRawBufferPointer(start: start, count: size).split(
      separator: 0, omittingEmptySubsequences: false
    ).dropLast()
  }

  /// The texts in an attribute of a group or a dataset, one or a list of them; `nil` where it has no such
  /// attribute. A list without elements, of whatever type, has none: h5py writes an empty list as one of
  /// floats.
  ///
  /// - Throws: a `FileError` where nothing or a link is there, or the attribute holds no texts, more than
  ///   65,536, more than 16 MiB of them, or other bytes than UTF-8.
  package func texts(of name: String, attribute: String) throws(FileError) -> [String]? {
    var exists = false
    try check { chdf5_has_attribute(file, name, attribute, &exists, $0) }
    guard exists else { return nil }
    var start: UnsafePointer<CChar>?
    var size = 0
    do throws(FileError) {
      try check { chdf5_texts_of(file, name, attribute, &start, &size, $0) }
    } catch {
      var error = error
      error.place = error.place.map { "\($0): attribute \(attribute)" }
      throw error
    }
    var texts: [String] = []
    for bytes in Self.texts(start, size) {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw mismatch(
          "\(name): attribute \(attribute)", expected: "a text in UTF-8", found: "other bytes")
      }
      texts.append(text)
    }
    return texts
  }

  /// The element type and shape of an array.
  package func form(of name: String) throws(FileError) -> ArrayForm {
    var form = chdf5_form()
    try check { chdf5_form_of(file, name, &form, $0) }
    let stated = ArrayForm(form)
    guard stated.byteCount <= upperBound else {
      throw mismatch(
        name, expected: "no more than a file of \(size) bytes can hold", found: stated.name)
    }
    return stated
  }

  /// Reads an array whose shape is known, or any of at most `limit` elements.
  ///
  /// - Throws: a `FileError` where it is missing, of another type or shape, or fails its checksum.
  ///   No memory is allocated for the elements before type, shape and size have been checked.
  package func read<Element: HDF5Element>(
    _ name: String, as type: Element.Type, shape: [Int]? = nil, limit: Int = 1 << 20
  ) throws(FileError) -> [Element] {
    let form = try form(of: name)
    let wanted = Element.elementType
    if let shape, form.shape != shape || !wanted.accepts(form.type) {
      throw mismatch(
        name, expected: ArrayForm.name(wanted.name, shape: shape), found: form.name)
    }
    guard wanted.accepts(form.type), form.shape != nil, shape != nil || form.count <= limit
    else {
      throw mismatch(
        name, expected: "\(wanted.name) array of at most \(limit) elements", found: form.name)
    }
    let count = form.count
    return try filled(count) { elements, error in
      chdf5_read_numbers(file, name, wanted.number, elements.baseAddress, count, error)
    }
  }

  /// Reads an array of texts of fixed length, of at most `limit` bytes in all.
  package func readTexts(_ name: String, limit: Int = 1 << 22) throws(FileError) -> [String] {
    let form = try form(of: name)
    let total = form.byteCount
    guard case .text(let length?) = form.type, form.shape != nil, total <= limit else {
      throw mismatch(name, expected: "texts of at most \(limit) bytes", found: form.name)
    }
    let bytes: [CChar] = try filled(total) { bytes, error in
      chdf5_read_texts(file, name, bytes.baseAddress, total, error)
    }
    var texts: [String] = []
    for start in stride(from: 0, to: total, by: length) {
      let text = bytes[start..<start + length].lazy.map(UInt8.init(bitPattern:)).prefix { $0 != 0 }
      guard let valid = String(validating: text, as: UTF8.self) else {
        throw mismatch(name, expected: "a text in UTF-8", found: "other bytes")
      }
      texts.append(valid)
    }
    return texts
  }

  /// An array of `count` elements that a call fills; without elements the call is not made.
  private func filled<Element: BitwiseCopyable>(
    _ count: Int,
    _ call: (UnsafeMutableBufferPointer<Element>, UnsafeMutablePointer<chdf5_error>) -> chdf5_code
  ) throws(FileError) -> [Element] {
    guard count > 0 else { return [] }
    var error = chdf5_error()
    var code = CHDF5_DONE
    let elements = [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      code = call(buffer, &error)
      filled = code == CHDF5_DONE ? count : 0
    }
    guard code == CHDF5_DONE else { throw FileError(error, .invalid, file: path) }
    return elements
  }

  private func mismatch(_ name: String, expected: String, found: String) -> FileError {
    FileError(.invalid, file: path, place: name, expected: expected, found: found)
  }
}
