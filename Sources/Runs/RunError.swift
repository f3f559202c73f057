import Files

/// A number of things: `1 step`, `2 steps`.
func counted(_ number: Int, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}

/// What a run does with data.
public enum DataUse: Sendable {
  /// It learns from them.
  case training
  /// They say which epoch is the best.
  case validation

  fileprivate var noun: String { self == .training ? "data" : "validation data" }
  /// What a state was, of its data: "trained on".
  package var verb: String { self == .training ? "trained on" : "validated with" }
}

/// Why a run, a proof or a sweep cannot be begun, in sentences that name no flag of any tool.
public enum RunError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file of another run is where this one is to be saved.
  case exists(path: String)
  /// The state to resume from is missing or damaged, but another one of its run is intact.
  ///
  /// `whole` is its path, `place` the step it was saved after, and `file` the one that was to be
  /// saved to.
  case damaged(FileError, whole: String, place: String, file: String)
  /// A state says of no file what it was trained on, and no data was named.
  case dataNotNamed(state: String, for: DataUse = .training)
  /// The data that a state names cannot be read.
  case dataNotFound(FileError, state: String, for: DataUse = .training)
  /// The data is not what the run began with.
  case otherData(FileError, for: DataUse = .training)
  /// The log of another run, or another file, is where this one is to be written; a new run may replace the former.
  case otherLog(FileError, isReplaceable: Bool)
  /// A run of this many steps has none after which a proof could stop it.
  case tooShort(steps: Int)
  /// The numbers of a proof's run stopped being finite; says where.
  case diverged(String)
  /// A sweep cannot keep its runs in this folder; `isTaken` where another one holds up all others there.
  case unsuitableFolder(FileError, isTaken: Bool)

  /// The file that it concerns and what is wrong with it, where it concerns one.
  package var fileError: FileError? {
    switch self {
    case .damaged(let error, _, _, _), .dataNotFound(let error, _, _), .otherData(let error, _),
      .unsuitableFolder(let error, _), .otherLog(let error, _):
      error
    case .dataNotNamed(let state, _):
      FileError(
        .invalid, file: state, found: "the state does not say where the data of its run is")
    case .exists, .tooShort, .diverged: nil
    }
  }

  /// One line.
  public var description: String {
    var error = fileError
    switch self {
    case .exists(let path):
      return "\(path): already exists; resume it, save to another file, or let it be replaced"
        .onOneLine
    case .tooShort(let steps):
      return
        "a run of \(counted(steps, "step")) is too short to be stopped; give it more epochs or samples"
    case .diverged(let reason): return reason
    case .damaged(_, let whole, let place, let file):
      error?.hint = "\(whole) is intact, \(place); resume that one, saving to \(file)"
    case .dataNotNamed(_, let use): error?.hint = "name the \(use.noun)"
    case .dataNotFound(_, let state, let use):
      error?.hint = "\(state) was \(use.verb) it; if it has moved, name the \(use.noun)"
    case .otherData(_, let use):
      error?.hint = "name the original \(use.noun), or start anew from these weights"
    case .unsuitableFolder(_, let isTaken):
      error?.hint = (isTaken ? "wait for it to end, or " : "") + "name another folder"
    case .otherLog(_, let isReplaceable):
      error?.hint =
        "name another folder, or " + (isReplaceable ? "let it be replaced" : "remove this file")
    }
    return error?.description ?? ""
  }
}
