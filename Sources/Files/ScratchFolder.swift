import Platform

/// A folder of this process's own among the temporary ones, removed with the files in it.
package struct ScratchFolder: ~Copyable {
  /// Where it is.
  package let path: String

  /// Makes an empty one in `$TMPDIR`, or `/tmp`, that nobody else may enter.
  package init() throws(FileError) {
    let parent = environmentVariable("TMPDIR") ?? "/tmp"
    var template = Array("\(parent)/minicnn-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .system(errno, file: parent, action: "make a folder in it")
    }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    for name in (try? namesInFolder(path)) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// The path of a file in the folder.
  package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a new file in it.
  package func write(_ bytes: [UInt8], to name: String) throws(FileError) {
    let file = self(name)
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .unwritable(errno, file: file) }
    defer { close(descriptor) }
    do throws(SystemError) {
      try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
        try writeFully(descriptor, UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw .unwritable(error.code, file: file)
    }
  }
}
