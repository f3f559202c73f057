// The one place that knows which C library the system has; whatever imports this module has it too.
#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif

/// The number that a call of the system left in `errno`.
package struct SystemError: Error, Equatable {
  package let code: Int32

  package init(code: Int32 = errno) { self.code = code }
}

/// Fills a buffer from a descriptor, however many calls that takes and signals interrupt them.
///
/// Returns the number of bytes, fewer than the buffer has room for only at the end of the file.
package func readFully(
  _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
) throws(SystemError) -> Int {
  var done = 0
  while done < buffer.count {
    // One call moves at most 2 GB.
    let rest = min(buffer.count - done, 1 << 30)
    let count = read(descriptor, buffer.baseAddress?.advanced(by: done), rest)
    if count < 0 {
      guard errno == EINTR else { throw SystemError() }
    } else if count == 0 {
      break
    } else {
      done += count
    }
  }
  return done
}

/// Writes all bytes to a descriptor, however many calls that takes and signals interrupt them.
package func writeFully(
  _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer
) throws(SystemError) {
  var done = 0
  while done < bytes.count {
    let rest = min(bytes.count - done, 1 << 30)
    let count = write(descriptor, bytes.baseAddress?.advanced(by: done), rest)
    if count < 0 {
      guard errno == EINTR else { throw SystemError() }
    } else {
      done += count
    }
  }
}

/// Two ends of a connection, each of which reads what is written to the other; neither is inherited
/// by another program.
package func connectedSockets() throws(SystemError) -> (Int32, Int32) {
  #if canImport(Glibc)
    let type = Int32(SOCK_STREAM.rawValue)
  #else
    let type = SOCK_STREAM
  #endif
  var ends: [Int32] = [-1, -1]
  guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemError() }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (ends[0], ends[1])
}

/// The names in a folder but `.` and `..`, in no order.
package func namesInFolder(_ path: String) throws(SystemError) -> [String] {
  guard let folder = opendir(path) else { throw SystemError() }
  defer { closedir(folder) }
  var names: [String] = []
  while true {
    errno = 0
    guard let entry = readdir(folder) else { break }
    let name = withUnsafeBytes(of: &entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  guard errno == 0 else { throw SystemError() }
  return names
}

/// When a file was written last, in nanoseconds.
package func modificationTime(_ status: stat) -> Int64 {
  #if canImport(Darwin)
    let time = status.st_mtimespec
  #else
    let time = status.st_mtim
  #endif
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// The value of an environment variable.
package func environmentVariable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}

/// All environment variables, each as `NAME=value`.
package var environmentEntries: [String] {
  #if canImport(Darwin)
    var next = _NSGetEnviron()?.pointee
  #else
    var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
  #endif
  var entries: [String] = []
  while let entry = next?.pointee {
    entries.append(String(cString: entry))
    next = next?.advanced(by: 1)
  }
  return entries
}

/// The width of the terminal behind a descriptor; `nil` where it is none or does not say.
package func terminalColumns(_ descriptor: Int32) -> Int? {
  var size = winsize()
  // Its type is another on each system.
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}

/// Sets what a signal does, and returns what it did before.
@discardableResult
package func setSignalHandler(
  _ number: Int32, _ handler: (@convention(c) (Int32) -> Void)?
) -> (@convention(c) (Int32) -> Void)? {
  signal(number, handler)
}

/// Whether a signal is ignored, as SIGHUP is under nohup.
package func ignoresSignal(_ number: Int32) -> Bool {
  var action = sigaction()
  sigaction(number, nil, &action)
  #if canImport(Darwin)
    let handler = action.__sigaction_u.__sa_handler
  #elseif canImport(Musl)
    let handler = action.__sa_handler.sa_handler
  #else
    let handler = action.__sigaction_handler.sa_handler
  #endif
  return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}

/// Starts a thread; the handle to join it by.
package func startThread(
  _ body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?,
  _ argument: UnsafeMutableRawPointer? = nil
) throws(SystemError) -> pthread_t {
  #if canImport(Darwin)
    var handle: pthread_t?
    let code = pthread_create(&handle, nil, { body($0) }, argument)
    guard code == 0, let handle else { throw SystemError(code: code) }
    return handle
  #else
    var handle = pthread_t()
    let code = pthread_create(&handle, nil, body, argument)
    guard code == 0 else { throw SystemError(code: code) }
    return handle
  #endif
}

/// A number that no other thread that lives has; never 0.
package func currentThread() -> UInt {
  #if canImport(Glibc)
    pthread_self()
  #else
    UInt(bitPattern: pthread_self())
  #endif
}

/// A path that runs the program of this process once more.
package var executablePath: String {
  #if os(Linux)
    "/proc/self/exe"
  #else
    CommandLine.arguments[0]
  #endif
}

/// Where the program of this process lies, however it was started; `nil` where the system does not say.
package let programFile: String? = {
  #if canImport(Darwin)
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    var size = UInt32(path.count)
    guard _NSGetExecutablePath(&path, &size) == 0, let real = realpath(path, nil) else {
      return nil
    }
    defer { free(real) }
    return String(cString: real)
  #else
    linkTarget(executablePath)
  #endif
}()

/// What a symbolic link names; `nil` where there is none.
package func linkTarget(_ path: String) -> String? {
  var target = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = readlink(path, &target, target.count)
  guard count > 0, count < target.count else { return nil }
  return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Asks for large pages under a part of memory; where the system has none to give, ordinary ones do.
package func adviseLargePages(_ start: UnsafeMutableRawPointer, bytes: Int) {
  #if os(Linux)
    _ = madvise(start, bytes, MADV_HUGEPAGE)
  #endif
}
