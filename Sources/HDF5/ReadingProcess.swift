import CSandbox
import Files
import Platform

/// A process in which libhdf5 parses one file.
///
/// libhdf5 has had memory errors on files made to cause them, and a digest only says that a file is
/// as it was written, not by whom. So no file is parsed in the process of the user: the one that
/// does has the file's bytes, a connection, and as much memory and time as a file of that size can
/// need (`CSandbox`). It may crash, hang or lie; none of it goes further than an error.
struct ReadingProcess: ~Copyable {
  private let child: csandbox_child
  private let path: String
  private let limits: csandbox_limits

  /// The longest silence; only a machine without any processor to spare takes it.
  private static let patience: Int32 = 60_000

  /// Starts the process for a file of these bytes; `path` is what messages call it.
  init(image: [UInt8], path: String) throws(FileError) {
    self.path = path
    _ = Rehearsal.once
    let errand = Server.Errand(image: image, path: path)
    // libhdf5 keeps the bytes twice, an array once while it is read and once more as a message.
    let limits = csandbox_limits(
      memory: 64 << 20 + 16 * image.count, seconds: 1 + UInt32(image.count >> 24))
    var child = csandbox_child()
    // No other thread may be inside libhdf5 when the process is copied.
    let code = Library.locked {
      csandbox_start(
        &child, limits,
        { errand, connection in
          guard let errand else { return }
          Server.serve(
            Unmanaged<Server.Errand>.fromOpaque(errand).takeUnretainedValue(),
            connection: connection)
        }, Unmanaged.passUnretained(errand).toOpaque())
    }
    withExtendedLifetime(errand) {}
    guard code == 0 else {
      throw .system(code, file: path, action: "start the process that reads it")
    }
    self.child = child
    self.limits = limits
  }

  deinit { csandbox_stop(child) }

  /// Asks, and returns the answer of at most `limit` bytes.
  func ask(_ request: Request, limit: Int = Channel.mostBytes) throws(FileError) -> Message {
    let channel = Channel(connection: child.connection)
    // The number in front of an answer is no part of it.
    let most = max(limit + 8, Channel.mostBytes)
    guard channel.send(request.message),
      let bytes = channel.receive(limit: most, within: Self.patience)
    else { throw silence }
    var answer = Message(bytes)
    switch answer.takeNumber() {
    case 0: return answer
    case 1: throw answer.takeError(file: path) ?? nonsense
    default: throw nonsense
    }
  }

  /// The error of an answer that is none.
  var nonsense: FileError {
    FileError(
      .invalid, file: path, expected: "an HDF5 file",
      found: "content that confuses the HDF5 library", hint: "the file is damaged")
  }

  /// Why there was no answer.
  private var silence: FileError {
    let signal = csandbox_signal(child)
    let seconds = limits.seconds
    let found =
      switch signal {
      case SIGXCPU, SIGKILL: "content that keeps the HDF5 library busy for over \(seconds) s"
      case 0: "content that the HDF5 library gives no answer to"
      default: "content that crashes the HDF5 library (signal \(signal))"
      }
    return FileError(
      .invalid, file: path, expected: "an HDF5 file", found: found, hint: "the file is damaged")
  }
}
