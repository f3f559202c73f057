import Foundation

/// A program of this package that is run as a user runs it.
public struct Program: Sendable {
  /// What a run gave.
  public struct Outcome: Sendable {
    /// The exit code; 128 and the signal's number if one ended it.
    public let status: Int32
    /// Standard output.
    public let output: String
    /// Standard error.
    public let errors: String
  }

  private let path: String

  /// A program built beside the tests.
  public init(_ name: String) { path = Self.path(of: name) }

  /// A program of the system.
  public init(at path: String) { self.path = path }

  /// Where such a program is.
  public static func path(of name: String) -> String {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0])
    return tests.deletingLastPathComponent().appendingPathComponent(name).path
  }

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - output: where standard output goes, if it is not to be read.
  ///   - environment: is added to that of the tests.
  ///   - meanwhile: is called once it has started, with its process number.
  public func run(
    _ arguments: [String], in folder: String, output: String? = nil,
    environment: [String: String] = [:], meanwhile: (pid_t) -> Void = { _ in }
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    // A program that crashes is to end at once, and not to be looked at first.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Files and not pipes: nobody has to read while the program runs.
    let names = ["output", "errors"].map { NSTemporaryDirectory() + "\(UUID().uuidString).\($0)" }
    defer { for name in names { try? FileManager.default.removeItem(atPath: name) } }
    for name in names { _ = FileManager.default.createFile(atPath: name, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: output ?? names[0])
    process.standardError = FileHandle(forWritingAtPath: names[1])
    try process.run()
    meanwhile(process.processIdentifier)
    process.waitUntilExit()
    let texts = try names.map { try String(contentsOfFile: $0, encoding: .utf8) }
    let status = process.terminationStatus
    return Outcome(
      status: process.terminationReason == .uncaughtSignal ? 128 + status : status,
      output: texts[0], errors: texts[1])
  }
}
