import CHDF5
import Files

/// Builds an HDF5 file in memory, sealed, whose bytes follow from its content alone.
///
/// No time is stored, and the oldest format is used that holds the content, so that equal content
/// gives equal files and every reader of HDF5 can open them. Arrays are chunked, each chunk with a
/// Fletcher32 checksum.
public struct HDF5Writer: ~Copyable {
  private let file: hid_t
  /// The path the file will have, for messages.
  private let path: String
  /// The most bytes of a chunk, so that a reader of one row need not read a whole large array.
  private static let chunkBytes = 1 << 20

  /// Starts an empty file; `path` is what messages call it.
  public init(path: String) throws(FileError) {
    self.path = path
    let place = Place(file: path, object: "/", kind: .inputOutput)
    file = try Library.locked { () throws(FileError) in
      let access = try place.handle(H5Pcreate(chdf5_file_access()), "create a property list")
      try place.check(H5Pset_fapl_core(access.id, 1 << 20, false), "keep the file in memory")
      let creation = try place.handle(H5Pcreate(chdf5_file_create()), "create a property list")
      try place.check(
        H5Pset_userblock(creation.id, hsize_t(SealedImage.blockSize)), "make room for the seal")
      return try place.check(
        H5Fcreate(Library.uniqueFileName(), chdf5_truncate(), creation.id, access.id),
        "create a file")
    }
  }

  deinit {
    let file = file
    Library.locked { _ = H5Fclose(file) }
  }

  /// Makes a group, and those above it that do not exist yet.
  public func createGroup(_ name: String) throws(FileError) {
    let place = place(name)
    try Library.locked { () throws(FileError) in
      let creation = try place.handle(H5Pcreate(chdf5_group_create()), "create a property list")
      try place.check(H5Pset_obj_track_times(creation.id, false), "leave out times")
      let links = try Self.linkList(place)
      _ = try place.handle(
        H5Gcreate2(file, name, links.id, creation.id, chdf5_default()), "create the group")
    }
  }

  /// Writes an array of `shape`, outermost extent first; without extents, a single number.
  public func write<Element: HDF5Element>(
    _ values: UnsafeBufferPointer<Element>, shape: [Int], to name: String
  ) throws(FileError) {
    precondition(
      values.count == shape.reduce(1, *), "\(values.count) values for the shape \(shape)")
    let place = place(name)
    try Library.locked { () throws(FileError) in
      let extents = shape.map { hsize_t($0) }
      let space = try place.handle(
        shape.isEmpty
          ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), extents, nil),
        "describe the shape")
      let data = try create(
        place, name, type: Element.elementType.stored, space: space, shape: shape,
        elementSize: MemoryLayout<Element>.size)
      guard !values.isEmpty else { return }
      try place.check(
        H5Dwrite(
          data.id, Element.elementType.native, chdf5_all(), chdf5_all(), chdf5_default(),
          values.baseAddress), "write the array")
    }
  }

  /// Writes an array of `shape`, outermost extent first.
  public func write<Element: HDF5Element>(
    _ values: [Element], shape: [Int], to name: String
  ) throws(FileError) {
    try values.withUnsafeBufferPointer { (buffer) throws(FileError) in
      try write(buffer, shape: shape, to: name)
    }
  }

  /// Writes texts as an array of as many strings of one fixed length, in UTF-8.
  public func write(_ texts: [String], to name: String) throws(FileError) {
    let place = place(name)
    guard !texts.contains(where: { $0.utf8.contains(0) }) else {
      throw place.mismatch(
        expected: "texts without the character U+0000, which HDF5 ends a text with",
        found: "one with it")
    }
    let length = max(1, texts.map(\.utf8.count).max() ?? 1)
    let bytes = texts.flatMap { text in
      Array(text.utf8) + [UInt8](repeating: 0, count: length - text.utf8.count)
    }
    try Library.locked { () throws(FileError) in
      let type = try place.handle(H5Tcopy(chdf5_string()), "describe a text")
      try place.check(H5Tset_size(type.id, length), "describe a text")
      try place.check(H5Tset_cset(type.id, H5T_CSET_UTF8), "describe a text")
      try place.check(H5Tset_strpad(type.id, H5T_STR_NULLPAD), "describe a text")
      let space = try place.handle(
        H5Screate_simple(1, [hsize_t(texts.count)], nil), "describe the shape")
      let data = try create(
        place, name, type: type.id, space: space, shape: [texts.count], elementSize: length)
      guard !texts.isEmpty else { return }
      try place.check(
        H5Dwrite(data.id, type.id, chdf5_all(), chdf5_all(), chdf5_default(), bytes),
        "write the text")
    }
  }

  /// Ends the file and returns its bytes, with the seal in front.
  public consuming func finish() throws(FileError) -> [UInt8] {
    let place = place("/")
    let file = file
    let image = try Library.locked { () throws(FileError) in
      try place.check(H5Fflush(file, H5F_SCOPE_GLOBAL), "flush the file")
      let size = try place.check(H5Fget_file_image(file, nil, 0), "size the file")
      var image = [UInt8](repeating: 0, count: size)
      try place.check(H5Fget_file_image(file, &image, size), "copy the file")
      return image
    }
    return SealedImage.sealed(image)
  }

  private func place(_ name: String) -> Place {
    Place(file: path, object: name, kind: .inputOutput)
  }

  private static func linkList(_ place: Place) throws(FileError) -> Handle {
    let links = try place.handle(H5Pcreate(chdf5_link_create()), "create a property list")
    try place.check(H5Pset_create_intermediate_group(links.id, 1), "make the groups above")
    return links
  }

  private func create(
    _ place: Place, _ name: String, type: hid_t, space: borrowing Handle, shape: [Int],
    elementSize: Int
  ) throws(FileError) -> Handle {
    let creation = try place.handle(H5Pcreate(chdf5_dataset_create()), "create a property list")
    try place.check(H5Pset_obj_track_times(creation.id, false), "leave out times")
    // A single number and an empty array cannot be cut into chunks.
    if !shape.isEmpty, !shape.contains(0) {
      let rowBytes = shape.dropFirst().reduce(elementSize, *)
      var chunk = shape.map { hsize_t($0) }
      // Chunks of equal height, because the last one takes as much room as the others.
      let rows = max(1, Self.chunkBytes / max(rowBytes, 1))
      let chunks = (shape[0] + rows - 1) / rows
      chunk[0] = hsize_t((shape[0] + chunks - 1) / chunks)
      try place.check(H5Pset_chunk(creation.id, Int32(chunk.count), chunk), "cut it into chunks")
      try place.check(H5Pset_fletcher32(creation.id), "add checksums")
    }
    let links = try Self.linkList(place)
    return try place.handle(
      H5Dcreate2(file, name, type, space.id, links.id, creation.id, chdf5_default()),
      "create the array")
  }
}
