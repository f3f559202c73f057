import Files
import Platform

/// A folder of its own, removed with the files in it.
struct ScratchFolder: ~Copyable {
  let path: String

  init() throws(FileError) {
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
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}
