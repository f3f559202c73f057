import CSandbox
import DataSets
import Files
import HDF5
import ImageData
import MiniCNN
import Pictures
import Platform

/// Whether files from strangers are parsed in processes that can do nothing else, tried with one of each kind.
enum ConfinementDiagnosis {
  static var findings: [Finding] {
    [
      confinement, reading("HDF5 files", hdf5), reading("pictures", picture),
      reading("zip files", archive),
    ]
  }

  private static var confinement: Finding {
    #if os(Linux)
      var step: UnsafePointer<CChar>?
      let code = csandbox_probe(&step)
      guard code != 0 else {
        return Finding(
          "confinement",
          "HDF5, PNG, JPEG and zip files are parsed in a process that can open no file, use no network and start nothing"
        )
      }
      return Finding(
        "confinement", .failed,
        "a process for files from strangers cannot be made: cannot \(step.map { String(cString: $0) } ?? "start it"): \(reason(code)); such files are refused",
        remedy: "let the container use seccomp filters and /proc")
    #else
      return Finding(
        "confinement", .note,
        "there is none on this system: HDF5, PNG, JPEG and zip files are parsed in this process; read none from strangers"
      )
    #endif
  }

  private static func reason(_ code: Int32) -> String {
    code == ENOTRECOVERABLE ? "it could" : String(cString: strerror(code)).lowercased()
  }

  /// Reads back what this program has written itself.
  private static func reading(_ name: String, _ isReadBack: () throws -> Bool) -> Finding {
    do {
      return try isReadBack()
        ? Finding(name, "are written and read")
        : Finding(name, .failed, "are read with other content than was written")
    } catch {
      return Finding(name, .failed, "\(error)")
    }
  }

  private static let name = "a trial"
  private static let bytes: [UInt8] = [1, 2, 4, 8, 16, 32, 64, 128, 255]

  private static func hdf5() throws -> Bool {
    let writer = try HDF5Writer(path: name)
    try writer.write(bytes.map(Float.init), shape: [bytes.count], to: "numbers")
    let file = try HDF5File(image: try writer.finish(), path: name)
    return try file.read("numbers", as: Float.self, shape: [bytes.count]) == bytes.map(Float.init)
  }

  private static func picture() throws -> Bool {
    var image = PNGImage(height: 3, width: 3, channels: 1, shade: 0)
    image.pixels = bytes
    return try Picture(decoding: try image.encoded(name), name: name).pixels == bytes
  }

  private static func archive() throws -> Bool {
    var writer = ZipWriter(path: name)
    try writer.add("numbers", bytes)
    return try ZipArchive(try writer.finish(), path: name).content(ofMember: 0) == bytes
  }
}
