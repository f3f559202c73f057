import Files
import ArgumentParser
import MiniCNN
import Platform

/// An error of the tool itself: a line for the user and an exit code.
struct Failure: Error, CustomStringConvertible {
  typealias Code = ExitStatus

  let code: Code
  let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// Prints one line for an error; the exit code that it calls for.
  static func report(_ error: any Error) -> Int32 {
    let code: Code
    switch error {
    case let failure as Failure: code = failure.code
    case let error as RunError: return report(error.inFlags)
    case let error as FileError: code = Code(error.kind)
    case is ModelError, is NumericFault: code = .data
    case let error as SettingError: return report(Failure(.usage, error.asTyped))
    case is DivergenceError, is RankFault, is RanksError: code = .failed
    case let code as ExitCode: return code.rawValue
    case let usage as UsageError:
      Terminal.message("error: \(usage.message)\nsee: \(usage.help)")
      return Code.usage.rawValue
    default: return reportOfParser(error)
    }
    Terminal.message("error: \("\(error)".onOneLine)")
    return code.rawValue
  }

  /// Ends the program once everything printed has been flushed.
  static func leave(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }
}

extension ExitStatus {
  /// What an error about a file calls for.
  init(_ kind: FileError.Kind) {
    switch kind {
    case .missing: self = .noInput
    case .invalid: self = .data
    case .inputOutput: self = .inputOutput
    }
  }
}

/// Prints what ArgumentParser asks for, help and the like, or a usage error; the exit code for it.
private func reportOfParser(_ error: any Error) -> Int32 {
  let code = Main.exitCode(for: error)
  if code.isSuccess {
    let text = Main.fullMessage(for: error, columns: Help.unbroken)
    Terminal.result(Help.laidOut(text, columns: Help.columns))
  } else if code == .validationFailure {
    // A command that checks its words while it runs.
    return Failure.report(UsageError(error, arguments: Array(CommandLine.arguments.dropFirst())))
  } else {
    Terminal.message("error: \("\(error)".onOneLine)")
  }
  return code.rawValue
}
