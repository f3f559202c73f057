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
  /// Memory for the elements is allocated once, when the header has been checked, and never more of
  /// it than the size of the file can justify; a gzip file of up to 64 MiB is held beside it while
  /// it is inflated. Plain files are read at the speed of memory, gzip files at
  /// libdeflate's.
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
    let (element, dimensions, header) = try Self.readHeader(&stream, as: kind)
    let count = try Self.contentSize(dimensions, of: element, in: stream, as: kind)
    var notFinite: Int?
    var isWhole = false
    let storage = try ByteStorage(count: count, after: header.count, for: path) {
      whole throws(FileError) in
      let buffer = UnsafeMutableRawBufferPointer(rebasing: whole[header.count...])
      // The header once more, as the file may have been replaced since it was read.
      isWhole = stream.readWhole(into: whole) && whole.starts(with: header)
      let found = isWhole ? count : try stream.read(into: buffer)
      guard found == count else {
        throw FileError(
          .invalid, file: path, place: kind.contentName,
          expected: Self.size(count, dimensions), found: "\(found)",
          hint: "the file is cut short")
      }
      notFinite = element.makeNative(buffer)
    }
    if !isWhole { try Self.requireEnd(&stream, after: count, dimensions, as: kind) }
    if let notFinite {
      throw FileError(
        .invalid, file: path, place: "\(kind.contentName), number \(notFinite), counted from 0",
        expected: "a finite number", found: "infinity or no number")
    }
    self.dimensions = dimensions
    self.element = element
    self.storage = storage
  }

  /// Throws where a stream goes on after the elements. Reading to the end verifies gzip's checksum,
  /// too.
  private static func requireEnd<Stream: ByteStream & ~Copyable>(
    _ stream: inout Stream, after count: Int, _ dimensions: [Int], as kind: IDXKind
  ) throws(FileError) {
    var extra: UInt8 = 0
    let extraCount = try read(&stream, into: &extra)
    guard extraCount == 0 else {
      let found = stream.exactSize.map { "\($0 - headerSize(dimensions.count))" } ?? "more"
      throw FileError(
        .invalid, file: stream.path, place: kind.contentName,
        expected: size(count, dimensions), found: found)
    }
  }

  /// Reads the magic number and the dimensions, each checked to be at least 1, and returns their
  /// bytes as well.
  private static func readHeader<Stream: ByteStream & ~Copyable>(
    _ stream: inout Stream, as kind: IDXKind
  ) throws(FileError) -> (IDXElement, [Int], header: [UInt8]) {
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
    var header = withUnsafeBytes(of: word) { Array($0) }
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
      withUnsafeBytes(of: word) { header.append(contentsOf: $0) }
    }
    return (element, dimensions, header)
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
