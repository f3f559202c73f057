import Files
import ArgumentParser
import MiniCNN
import Platform

/// An error of the tool itself: a line for the user and an exit code.
struct Failure: Error, CustomStringConvertible {
  /// The exit codes, as sysexits.h names them.
  enum Code: Int32 {
    case failed = 1
    case usage = 64
    case data = 65
    case noInput = 66
    case inputOutput = 74

    init(_ kind: FileError.Kind) {
      switch kind {
      case .missing: self = .noInput
      case .invalid: self = .data
      case .inputOutput: self = .inputOutput
      }
    }
  }

  let code: Code
  let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// Prints one line for an error and ends the program with the code it calls for.
  static func exit(with error: any Error) -> Never {
    let code: Code
    switch error {
    case let failure as Failure: code = failure.code
    case let error as RunError: exit(with: error.inFlags)
    case let error as FileError: code = Code(error.kind)
    case is ModelError, is NumericFault: code = .data
    case let error as SettingError: exit(with: Failure(.usage, error.asTyped))
    case is DivergenceError: code = .failed
    case let code as ExitCode: leave(code.rawValue)
    default: end(with: error)
    }
    Terminal.message("error: \("\(error)".onOneLine)")
    leave(code.rawValue)
  }
}

/// Ends the program where ArgumentParser asks for it: with help and the like, or with a usage error.
private func end(with error: any Error) -> Never {
  let code = Main.exitCode(for: error)
  if code.isSuccess {
    let text = Main.fullMessage(for: error, columns: Help.unbroken)
    Terminal.result(Help.laidOut(text, columns: Help.columns))
  } else if code == .validationFailure {
    let usage = UsageError(error, arguments: Array(CommandLine.arguments.dropFirst()))
    Terminal.message("error: \(usage.message)\nsee: \(usage.help)")
  } else {
    Terminal.message("error: \("\(error)".onOneLine)")
  }
  leave(code.rawValue)
}

/// Ends the program once everything printed has been flushed.
private func leave(_ code: Int32) -> Never {
  fflush(nil)
  _exit(code)
}
