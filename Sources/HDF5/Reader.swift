import CHDF5
import Files

/// Reads an HDF5 file in memory with libhdf5, inside the process that is kept apart for it.
///
/// It takes no lock: its process has one thread.
struct Reader: ~Copyable {
  private let file: hid_t
  private let path: String
  /// The file's size in bytes, a bound on what its arrays can justify.
  private let size: Int

  /// Opens a file from its bytes; `path` is what messages call it.
  init(image: [UInt8], path: String) throws(FileError) {
    file = try Self.open(image, path: path)
    self.path = path
    size = image.count
  }

  private static func open(_ image: [UInt8], path: String) throws(FileError) -> hid_t {
    let place = Place(file: path, object: "/", kind: .invalid)
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

  /// The names in a group, in increasing order of bytes.
  func members(of name: String) throws(FileError) -> [String] {
    let place = place(name)
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

  /// The element type and shape of an array.
  func form(of name: String) throws(FileError) -> ArrayForm {
    let data = try open(name)
    return try form(data, place(name))
  }

  /// The elements of an array, converted to a type that accepts all of its values.
  func values(of name: String, as type: ElementType) throws(FileError) -> [UInt8] {
    let data = try open(name)
    let form = try form(data, place(name))
    guard type.accepts(form.type) else {
      throw place(name).mismatch(expected: type.name, found: form.name)
    }
    return try bytes(data, type.native, count: form.count * type.size, name)
  }

  /// The bytes of an array of texts.
  func texts(of name: String) throws(FileError) -> [UInt8] {
    let data = try open(name)
    let place = place(name)
    let form = try form(data, place)
    guard case .text(_?) = form.type, let count = form.byteCount else {
      throw place.mismatch(expected: "texts", found: form.name)
    }
    let type = try place.handle(H5Dget_type(data.id), "read the type")
    return try bytes(data, type.id, count: count, name)
  }

  private func bytes(
    _ data: borrowing Handle, _ type: hid_t, count: Int, _ name: String
  ) throws(FileError) -> [UInt8] {
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    try place(name).check(
      H5Dread(data.id, type, chdf5_all(), chdf5_all(), chdf5_default(), &bytes), "read the array")
    return bytes
  }

  private func place(_ name: String) -> Place { Place(file: path, object: name, kind: .invalid) }

  /// What stands at a path; `nil` where nothing does, ``ObjectKind/link`` where a soft or external
  /// link stands there or on the way: only hard links are followed, one component after the other.
  func kind(of name: String) throws(FileError) -> ObjectKind? {
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
    let found = try self.kind(of: name)
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
