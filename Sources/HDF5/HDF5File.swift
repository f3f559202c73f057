import CHDF5
import Files

/// An HDF5 file that is read: its bytes are in memory, and its seal has been checked if it has one.
public struct HDF5File: ~Copyable {
  private let file: hid_t
  /// The path, as the user wrote it.
  public let path: String
  /// Whether the file is sealed, that is, one of ours.
  public let seal: SealedImage.Seal
  /// The file's size in bytes, a bound on what its arrays can justify.
  private let size: Int

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
    file = try Self.open(content, path: path)
    self.seal = seal
    self.path = path
    size = image.count
  }

  private static func open(_ image: [UInt8], path: String) throws(FileError) -> hid_t {
    let place = Place(file: path, object: "/", kind: .invalid)
    return try Library.locked { () throws(FileError) in
      let access = try place.handle(H5Pcreate(chdf5_file_access()), "create a property list")
      try place.check(H5Pset_fapl_core(access.id, 1 << 20, false), "keep the file in memory")
      var image = image
      try place.check(H5Pset_file_image(access.id, &image, image.count), "take the bytes")
      let file = H5Fopen(Library.uniqueFileName(), chdf5_read_only(), access.id)
      guard file >= 0 else {
        throw FileError(
          .invalid, file: path, expected: "an HDF5 file", found: Library.lastMessage(),
          hint: "the file is cut short or damaged")
      }
      return file
    }
  }

  deinit {
    let file = file
    Library.locked { _ = H5Fclose(file) }
  }

  /// What stands at a path; `nil` where nothing does, ``ObjectKind/link`` where a soft or external
  /// link stands there or on the way, as none is followed.
  public func kind(of name: String) throws(FileError) -> ObjectKind? {
    try Library.locked { () throws(FileError) in try lookUp(name) }
  }

  /// The names in a group, in increasing order of bytes.
  public func members(of name: String) throws(FileError) -> [String] {
    let place = place(name)
    return try Library.locked { () throws(FileError) in
      try require(.group, name)
      let group = try place.handle(H5Gopen2(file, name, chdf5_default()), "open the group")
      let count = try place.check(chdf5_link_count(group.id), "count its members")
      var names: [String] = []
      for index in 0..<hsize_t(count) {
        let length = try place.check(chdf5_link_name(group.id, index, nil, 0), "name a member")
        var name = [CChar](repeating: 0, count: length + 1)
        try place.check(chdf5_link_name(group.id, index, &name, length + 1), "name a member")
        names.append(String(decoding: name[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self))
      }
      return names
    }
  }

  /// The element type and shape of an array.
  public func form(of name: String) throws(FileError) -> ArrayForm {
    try Library.locked { () throws(FileError) in
      let data = try open(name)
      return try form(data, place(name))
    }
  }

  /// Reads an array whose shape is known, or any of at most `limit` elements.
  ///
  /// - Throws: a `FileError` where it is missing, of another type or shape, or fails its checksum.
  ///   Nothing is set aside for the elements before all of that has been checked.
  public func read<Element: HDF5Element>(
    _ name: String, as type: Element.Type, shape: [Int]? = nil, limit: Int = 1 << 20
  ) throws(FileError) -> [Element] {
    let place = place(name)
    return try Library.locked { () throws(FileError) in
      let data = try open(name)
      let form = try form(data, place)
      let wanted = Element.elementType
      if let shape, form.shape != shape || !wanted.accepts(form.type) {
        throw place.mismatch(
          expected: ArrayForm.name(wanted.name, shape: shape), found: form.name)
      }
      guard wanted.accepts(form.type), form.shape != nil, shape != nil || form.count <= limit
      else {
        throw place.mismatch(
          expected: "\(wanted.name) array of at most \(limit) elements", found: form.name)
      }
      guard form.count > 0 else { return [] }
      var failed: herr_t = 0
      let values = [Element](unsafeUninitializedCapacity: form.count) { buffer, count in
        failed = H5Dread(
          data.id, wanted.native, chdf5_all(), chdf5_all(), chdf5_default(), buffer.baseAddress)
        count = failed < 0 ? 0 : form.count
      }
      try place.check(failed, "read the array")
      return values
    }
  }

  /// Reads an array of texts of fixed length, of at most `limit` bytes in all.
  public func readTexts(_ name: String, limit: Int = 1 << 22) throws(FileError) -> [String] {
    let place = place(name)
    return try Library.locked { () throws(FileError) in
      let data = try open(name)
      let form = try form(data, place)
      guard case .text(let length?) = form.type, let total = form.byteCount, total <= limit else {
        throw place.mismatch(
          expected: "texts of at most \(limit) bytes", found: form.name)
      }
      guard total > 0 else { return [] }
      let type = try place.handle(H5Dget_type(data.id), "read the type")
      var bytes = [UInt8](repeating: 0, count: total)
      try place.check(
        H5Dread(data.id, type.id, chdf5_all(), chdf5_all(), chdf5_default(), &bytes),
        "read the text")
      var texts: [String] = []
      for start in stride(from: 0, to: total, by: length) {
        let text = bytes[start..<start + length].prefix { $0 != 0 }
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw place.mismatch(expected: "a text in UTF-8", found: "other bytes")
        }
        texts.append(valid)
      }
      return texts
    }
  }

  private func place(_ name: String) -> Place { Place(file: path, object: name, kind: .invalid) }

  /// Follows hard links only, one component after the other.
  private func lookUp(_ name: String) throws(FileError) -> ObjectKind? {
    var parent = ""
    var kind = ObjectKind.group
    for component in name.split(separator: "/") {
      guard kind == .group else { return nil }
      let full = parent + "/" + component
      let place = place(full)
      guard try place.check(H5Lexists(file, full, chdf5_default()), "look it up") > 0 else {
        return nil
      }
      guard chdf5_link_type(file, full) == H5L_TYPE_HARD else { return .link }
      let object = try place.handle(H5Oopen(file, full, chdf5_default()), "open it")
      switch H5Iget_type(object.id) {
      case H5I_GROUP: kind = .group
      case H5I_DATASET: kind = .dataset
      default: kind = .datatype
      }
      parent = full
    }
    return kind
  }

  private func require(_ kind: ObjectKind, _ name: String) throws(FileError) {
    let found = try lookUp(name)
    guard found == kind else {
      throw place(name).mismatch(expected: kind.name, found: found?.name ?? "nothing")
    }
  }

  /// Opens a dataset after checking where and how its elements are stored.
  private func open(_ name: String) throws(FileError) -> Handle {
    try require(.dataset, name)
    let place = place(name)
    let data = try place.handle(H5Dopen2(file, name, chdf5_default()), "open the array")
    let creation = try place.handle(H5Dget_create_plist(data.id), "read its properties")
    guard H5Pget_layout(creation.id) != H5D_VIRTUAL, H5Pget_external_count(creation.id) == 0 else {
      throw place.mismatch(expected: "elements in this file", found: "a reference to other files")
    }
    let filters = try place.check(H5Pget_nfilters(creation.id), "read its filters")
    for index in 0..<UInt32(filters) {
      var flags: UInt32 = 0
      var parameters = 0
      var configuration: UInt32 = 0
      let filter = H5Pget_filter2(
        creation.id, index, &flags, &parameters, nil, 0, nil, &configuration)
      guard [H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32].contains(filter) else {
        throw place.mismatch(
          expected: "no filter, or deflate, shuffle and Fletcher32", found: "filter \(filter)")
      }
    }
    return data
  }

  private func form(_ data: borrowing Handle, _ place: Place) throws(FileError) -> ArrayForm {
    let type = try place.handle(H5Dget_type(data.id), "read the type")
    let space = try place.handle(H5Dget_space(data.id), "read the shape")
    guard let form = ArrayForm(type: type, space: space), let bytes = form.byteCount else {
      throw place.mismatch(expected: "an array that fits memory", found: "an impossible shape")
    }
    // Deflate shrinks by 1032 at the very most.
    guard bytes / 1032 <= size else {
      throw place.mismatch(
        expected: "no more than a file of \(size) bytes can hold", found: form.name)
    }
    try checkChunks(data, space, place)
    return form
  }

  /// Refuses chunks larger than the array may ever be: libhdf5 writes none, but would read beyond
  /// its buffers for a damaged file that states some.
  private func checkChunks(
    _ data: borrowing Handle, _ space: borrowing Handle, _ place: Place
  ) throws(FileError) {
    let creation = try place.handle(H5Dget_create_plist(data.id), "read its properties")
    guard H5Pget_layout(creation.id) == H5D_CHUNKED else { return }
    let rank = try place.check(H5Sget_simple_extent_ndims(space.id), "read the shape")
    var most = [hsize_t](repeating: 0, count: Int(rank))
    var chunk = most
    try place.check(H5Sget_simple_extent_dims(space.id, nil, &most), "read the shape")
    try place.check(H5Pget_chunk(creation.id, rank, &chunk), "read its chunks")
    // An extent without bound is the largest value there is.
    guard zip(chunk, most).allSatisfy({ $0 <= max($1, 1) }) else {
      throw place.mismatch(
        expected: "chunks within the shape \(most)", found: "chunks of shape \(chunk)",
        hint: "the file is damaged; use an earlier copy")
    }
  }
}
