import Files
import Platform

/// An event file of TensorBoard that is being written: records, each with its length and two check sums (TFRecord).
final class EventFile {
  /// The file.
  let path: String
  private let descriptor: Int32
  private static let prefix = "events.out.tfevents.", suffix = ".minicnn"

  /// Makes a file that comes after those in a folder.
  ///
  /// - Parameter replaces: whether those that a run of ours has left there are removed.
  init(inFolder folder: String, replacing replaces: Bool) throws(FileError) {
    let numbers = try Self.numbers(inFolder: folder)
    if replaces {
      for number in numbers { try AtomicFile.remove("\(folder)/\(Self.name(number))") }
    }
    let next = replaces ? 1 : (numbers.max() ?? 0) + 1
    path = "\(folder)/\(Self.name(next))"
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw .unwritable(errno, file: path) }
  }

  deinit { close(descriptor) }

  /// Whether a run of ours has left such files in a folder.
  static func areThere(inFolder folder: String) throws(FileError) -> Bool {
    try !numbers(inFolder: folder).isEmpty
  }

  private static func numbers(inFolder folder: String) throws(FileError) -> [Int] {
    do throws(SystemError) {
      return try namesInFolder(folder).compactMap(number)
    } catch {
      throw .unwritable(error.code, file: folder, action: "list")
    }
  }

  /// TensorBoard reads the files of a folder in the order of their names.
  private static func name(_ number: Int) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: max(10 - digits.utf8.count, 0)) + digits + suffix
  }

  /// The number in a name of ours.
  private static func number(_ name: String) -> Int? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
    let digits = name.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
    guard digits.count == 10, let number = Int(String(decoding: digits, as: UTF8.self)) else {
      return nil
    }
    return number >= 1 && Self.name(number) == name ? number : nil
  }

  /// Writes events at the end, all of them in one call of the system.
  func append(_ events: [Event]) throws(FileError) {
    let bytes = events.flatMap { Self.record($0.bytes(wallTime: Self.now)) }
    do throws(SystemError) {
      try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
        try writeFully(descriptor, UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw .unwritable(error.code, file: path)
    }
  }

  /// Seconds since 1970, the one thing in the files that differs between equal runs.
  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The length in 64 bits, its check sum, the content, its check sum, all little-endian.
  static func record(_ content: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt64(content.count).littleEndian) { Array($0) }
    return length + checkSum(length) + content + checkSum(content)
  }

  private static func checkSum(_ bytes: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: CRC32C.masked(bytes).littleEndian) { Array($0) }
  }
}
