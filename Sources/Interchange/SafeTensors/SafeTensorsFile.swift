import Files

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file of named arrays in Hugging Face's safetensors format, every byte of it checked.
///
/// The length of the header (64 bits, little-endian); the header, JSON that gives each array its type, shape and
/// place; then the arrays, one after the other without gaps.
struct SafeTensorsFile: Sendable {
  /// An array.
  struct Entry: Sendable {
    let element: TensorElement
    /// Its extents, outermost first.
    let shape: [Int]
    /// Where its bytes are, counted from the end of the header.
    let place: Range<Int>
  }

  /// The path, as the user wrote it.
  let path: String
  /// The texts under `__metadata__`.
  let metadata: [String: String]
  /// The arrays by their names.
  let entries: [String: Entry]
  private let content: ArraySlice<UInt8>

  /// The most bytes a header may have: as many as are read in some hundred milliseconds.
  static let largestHeader = 1 << 24

  /// The length of the header that a file says it has; `nil` where no header of a safetensors file begins so.
  static func headerLength(_ start: [UInt8], fileSize: Int) -> Int? {
    guard start.count >= 9, fileSize >= 8, start[8] == UInt8(ascii: "{") else { return nil }
    let length = start.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length >= 2, length <= largestHeader, length <= fileSize - 8 else { return nil }
    return Int(length)
  }

  /// Reads a file from its bytes, which `path` is the name of.
  ///
  /// - Throws: a `FileError` of kind `.invalid` for everything that the format's own library refuses.
  init(_ bytes: [UInt8], path: String) throws(FileError) {
    guard let length = Self.headerLength(Array(bytes.prefix(9)), fileSize: bytes.count) else {
      throw FileError(
        .invalid, file: path,
        expected: "a safetensors file: the length of a header, and the header",
        found: "\(bytes.count) bytes of something else")
    }
    let header = try SafeTensorsHeader(bytes[8..<8 + length], path: path)
    content = bytes[(8 + length)...]
    self.path = path
    metadata = header.metadata
    var entries: [String: Entry] = [:]
    for (name, array) in header.arrays {
      entries[name] = try Self.entry(array, size: bytes.count - 8 - length, path: path)
    }
    self.entries = entries
    try checkPlaces()
  }

  private static func entry(
    _ array: SafeTensorsHeader.Array, size: Int, path: String
  ) throws(FileError) -> Entry {
    let name = array.name.quoted
    guard let element = TensorElement(rawValue: array.dtype) else {
      throw FileError(
        .invalid, file: path, place: name, expected: "a dtype such as F32",
        found: array.dtype.quoted)
    }
    var count = element.size
    for extent in array.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else {
        throw FileError(
          .invalid, file: path, place: name, expected: "extents of an array",
          found: "shape \(array.shape.prefix(8))")
      }
      count = product
    }
    guard array.offsets.count == 2, array.offsets[0] >= 0, array.offsets[0] <= array.offsets[1],
      array.offsets[1] <= size
    else {
      throw FileError(
        .invalid, file: path, place: name,
        expected: "data_offsets within the \(size) bytes after the header",
        found: "\(array.offsets.prefix(3))")
    }
    guard array.offsets[1] - array.offsets[0] == count else {
      throw FileError(
        .invalid, file: path, place: name,
        expected: "\(count) bytes for \(array.dtype) of shape \(array.shape)",
        found: "\(array.offsets[1] - array.offsets[0])")
    }
    return Entry(element: element, shape: array.shape, place: array.offsets[0]..<array.offsets[1])
  }

  /// Arrays lie one after the other and leave nothing over, so that no byte has two meanings, or none: what two
  /// arrays of one name leave as a gap is found too.
  private func checkPlaces() throws(FileError) {
    var end = 0
    let inOrder = entries.sorted {
      ($0.value.place.lowerBound, $0.value.place.upperBound)
        < ($1.value.place.lowerBound, $1.value.place.upperBound)
    }
    for (name, entry) in inOrder {
      guard entry.place.lowerBound == end else {
        throw FileError(
          .invalid, file: path, place: name.quoted,
          expected: "an array that begins at byte \(end), where the one before it ends",
          found: "one at \(entry.place.lowerBound)")
      }
      end = entry.place.upperBound
    }
    guard end == content.count else {
      throw FileError(
        .invalid, file: path, expected: "\(end) bytes of arrays", found: "\(content.count)")
    }
  }

  /// The bytes of an array.
  private func bytes(_ entry: Entry) -> ArraySlice<UInt8> {
    let start = content.startIndex + entry.place.lowerBound
    return content[start..<start + entry.place.count]
  }

  /// The numbers of an array of this shape.
  ///
  /// - Throws: a `FileError` where there is none, or it is of another shape, or no floats, or holds a number
  ///   that is not finite.
  func floats(_ name: String, shape: [Int]) throws(FileError) -> [Float] {
    guard let entry = entries[name] else {
      throw FileError(
        .invalid, file: path, place: name, expected: "an array \(shape)", found: "nothing",
        hint: "these weights belong to another model")
    }
    guard entry.shape == shape else {
      throw FileError(
        .invalid, file: path, place: name, expected: "shape \(shape)",
        found: "\(entry.shape.prefix(8))", hint: "these weights belong to another model")
    }
    guard let values = entry.element.floats(bytes(entry)) else {
      throw FileError(
        .invalid, file: path, place: name, expected: "floats: F32, F16, BF16 or F64",
        found: entry.element.rawValue)
    }
    guard values.allSatisfy(\.isFinite) else {
      throw FileError(
        .invalid, file: path, place: name, expected: "finite numbers",
        found: values.contains(where: \.isNaN) ? "a NaN" : "an infinity")
    }
    return values
  }

  /// The number of an array that holds a count; `nil` where it holds anything else.
  func count(_ name: String) -> Int64? {
    guard let entry = entries[name], entry.element == .signed64, entry.place.count == 8 else {
      return nil
    }
    return Int64(
      bitPattern: bytes(entry).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}

extension String {
  /// A text of a file as messages quote it: not much of one that is long.
  var quoted: String {
    let scalars = unicodeScalars
    let start = String(String.UnicodeScalarView(scalars.prefix(80)))
    return scalars.count > 80 ? start + "…" : start
  }
}
