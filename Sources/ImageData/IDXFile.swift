import Files

/// The content of an IDX file (the format of MNIST).
struct IDXFile {
  /// The dimensions as the header states them, outermost first, each at least 1.
  let dimensions: [Int]
  /// What its elements are.
  let element: IDXElement
  /// The elements, row-major, as the processor has them: as many as the product of the dimensions.
  let storage: ByteStorage

  /// Reads a plain or gzip file, told apart by its first bytes.
  ///
  /// Memory is allocated once, when the header has been checked, and never more of it than the
  /// size of the file can justify. One pass; plain files at the speed of memory, gzip files at
  /// zlib's.
  init(reading path: String, as kind: IDXKind) throws(FileError) {
    var file = try RegularFile(path)
    if try file.start(2) == GzipStream.signature {
      var stream = GzipStream(file)
      try self.init(&stream, as: kind)
    } else {
      try self.init(&file, as: kind)
    }
  }

  private init<Stream: ByteStream & ~Copyable>(_ stream: inout Stream, as kind: IDXKind)
    throws(FileError)
  {
    let path = stream.path
    let (element, dimensions) = try Self.readHeader(&stream, as: kind)
    let count = try Self.contentSize(dimensions, of: element, in: stream, as: kind)
    var notFinite: Int?
    let storage = try ByteStorage(count: count, for: path) { buffer throws(FileError) in
      let found = try stream.read(into: buffer)
      guard found == buffer.count else {
        throw FileError(
          .invalid, file: path, place: kind.contentName,
          expected: Self.size(count, dimensions), found: "\(found)",
          hint: "the file is cut short")
      }
      notFinite = element.makeNative(buffer)
    }
    // Reading to the end verifies gzip's checksum, too.
    var extra: UInt8 = 0
    let extraCount = try Self.read(&stream, into: &extra)
    guard extraCount == 0 else {
      let found = stream.exactSize.map { "\($0 - Self.headerSize(dimensions.count))" } ?? "more"
      throw FileError(
        .invalid, file: path, place: kind.contentName,
        expected: Self.size(count, dimensions), found: found)
    }
    if let notFinite {
      throw FileError(
        .invalid, file: path, place: "\(kind.contentName), number \(notFinite), counted from 0",
        expected: "a finite number", found: "infinity or no number")
    }
    self.dimensions = dimensions
    self.element = element
    self.storage = storage
  }

  /// Reads the magic number and the dimensions, each checked to be at least 1.
  private static func readHeader<Stream: ByteStream & ~Copyable>(
    _ stream: inout Stream, as kind: IDXKind
  ) throws(FileError) -> (IDXElement, [Int]) {
    var word: UInt32 = 0
    var found = try read(&stream, into: &word)
    guard found > 0 else {
      throw FileError(
        .invalid, file: stream.path, expected: "an IDX header", found: "an empty file")
    }
    func cutShort(expected: Int) -> FileError {
      FileError(
        .invalid, file: stream.path, place: "header", expected: "\(expected) bytes",
        found: "\(found)", hint: "the file is cut short")
    }
    guard found == 4 else { throw cutShort(expected: headerSize(kind.magic.rank)) }
    let magic = IDXMagic(number: UInt32(bigEndian: word))
    guard let element = magic.element, kind.accepts(magic) else {
      throw FileError(
        .invalid, file: stream.path, place: "magic number", expected: kind.magic.description,
        found: magic.description, hint: magic.hint(expecting: kind))
    }
    var dimensions: [Int] = []
    for index in 0..<magic.rank {
      let count = try read(&stream, into: &word)
      found += count
      guard count == 4 else { throw cutShort(expected: headerSize(magic.rank)) }
      let dimension = Int(UInt32(bigEndian: word))
      guard dimension > 0 else {
        throw FileError(
          .invalid, file: stream.path, place: kind.dimensionName(index), expected: "at least 1",
          found: "0")
      }
      dimensions.append(dimension)
    }
    return (element, dimensions)
  }

  /// The bytes of all elements, checked to be no more than the stream can hold.
  private static func contentSize<Stream: ByteStream & ~Copyable>(
    _ dimensions: [Int], of element: IDXElement, in stream: borrowing Stream, as kind: IDXKind
  ) throws(FileError) -> Int {
    var count = element.size
    for dimension in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else {
        throw FileError(
          .invalid, file: stream.path, place: "dimensions",
          expected: "a size below 2^63 bytes", found: shape(dimensions))
      }
      count = product
    }
    let room = stream.upperBound - headerSize(dimensions.count)
    guard count > room else { return count }
    if stream.exactSize != nil {
      throw FileError(
        .invalid, file: stream.path, place: kind.contentName, expected: size(count, dimensions),
        found: "\(room)", hint: "the file is cut short")
    }
    throw FileError(
      .invalid, file: stream.path, place: "dimensions",
      expected: "at most \(room) bytes, all that a gzip file of this size can hold",
      found: size(count, dimensions), hint: "the file is cut short or damaged")
  }

  private static func headerSize(_ rank: Int) -> Int { 4 + 4 * rank }

  private static func shape(_ dimensions: [Int]) -> String {
    dimensions.map(String.init).joined(separator: " x ")
  }

  private static func size(_ count: Int, _ dimensions: [Int]) -> String {
    "\(count) bytes" + (dimensions.count > 1 ? " (\(shape(dimensions)))" : "")
  }

  /// Overwrites the bytes of a number and returns how many of them there were.
  private static func read<Stream: ByteStream & ~Copyable, Number: FixedWidthInteger>(
    _ stream: inout Stream, into number: inout Number
  ) throws(FileError) -> Int {
    try withUnsafeMutableBytes(of: &number) { buffer throws(FileError) in
      try stream.read(into: buffer)
    }
  }
}
