import Files
import HDF5

/// All arrays of an HDF5 file in memory, to be changed one value at a time and written again.
///
/// They are found by walking through the file, so that an array that joins a format joins the tests
/// that walk over it.
public struct HDF5Arrays: Sendable {
  /// The elements of an array.
  public enum Values: Sendable {
    case float([Float])
    case double([Double])
    case signed([Int64])
    case unsigned([UInt64])
    case texts([String])
  }

  /// An array and its place.
  public struct Entry: Sendable {
    /// Its place.
    public let path: String
    /// Its extents, outermost first.
    public let shape: [Int]
    /// Its elements.
    public var values: Values

    /// An array at a place.
    public init(path: String, shape: [Int], values: Values) {
      (self.path, self.shape, self.values) = (path, shape, values)
    }
  }

  /// The arrays in the order in which they were found.
  public var entries: [Entry] = []

  /// Reads a file of numbers and texts in groups.
  public init(image: [UInt8]) throws(FileError) {
    let file = try HDF5File(image: image, path: "image")
    try collect(file, below: "/")
  }

  private mutating func collect(
    _ file: borrowing HDF5File, below group: String
  ) throws(FileError) {
    for name in try file.members(of: group) {
      let path = group == "/" ? "/\(name)" : "\(group)/\(name)"
      if try file.kind(of: path) == .group {
        try collect(file, below: path)
        continue
      }
      let form = try file.form(of: path)
      let values: Values
      switch form.type {
      case .float(let bytes) where bytes == 4:
        values = .float(try file.read(path, as: Float.self, shape: form.shape))
      case .float: values = .double(try file.read(path, as: Double.self, shape: form.shape))
      case .integer(_, true):
        values = .signed(try file.read(path, as: Int64.self, shape: form.shape))
      case .integer: values = .unsigned(try file.read(path, as: UInt64.self, shape: form.shape))
      case .text: values = .texts(try file.readTexts(path))
      case .other:
        throw FileError(.invalid, file: "image", place: path, found: "neither number nor text")
      }
      entries.append(Entry(path: path, shape: form.shape ?? [], values: values))
    }
  }

  /// The file again.
  public func image() throws(FileError) -> [UInt8] {
    let writer = try HDF5Writer(path: "image")
    for entry in entries {
      switch entry.values {
      case .float(let values): try writer.write(values, shape: entry.shape, to: entry.path)
      case .double(let values): try writer.write(values, shape: entry.shape, to: entry.path)
      case .signed(let values): try writer.write(values, shape: entry.shape, to: entry.path)
      case .unsigned(let values): try writer.write(values, shape: entry.shape, to: entry.path)
      case .texts(let values): try writer.write(values, to: entry.path)
      }
    }
    return try writer.finish()
  }

  /// Replaces one element by the number or text that some bits are.
  public mutating func set(_ element: Int, ofArray number: Int, bits: UInt64) {
    func changed<Value>(_ values: [Value], _ value: Value) -> [Value] {
      guard !values.isEmpty else { return values }
      var values = values
      values[element % values.count] = value
      return values
    }
    switch entries[number].values {
    case .float(let values):
      entries[number].values = .float(changed(values, Float(Double(bitPattern: bits))))
    case .double(let values):
      entries[number].values = .double(changed(values, Double(bitPattern: bits)))
    case .signed(let values):
      entries[number].values = .signed(changed(values, Int64(bitPattern: bits)))
    case .unsigned(let values): entries[number].values = .unsigned(changed(values, bits))
    case .texts(let values):
      let text = withUnsafeBytes(of: bits.littleEndian) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      entries[number].values = .texts(changed(values, text))
    }
  }

  /// The number of the array at a path.
  public func index(of path: String) -> Int? { entries.firstIndex { $0.path == path } }
}
