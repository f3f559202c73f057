import MiniCNN

extension RunError {
  /// The error in the words of this tool, with the flags that help.
  var inFlags: any Error {
    var error = fileError
    switch self {
    case .exists(let path):
      return Failure(
        .usage,
        "\(path): already exists; --overwrite replaces it, --resume continues it,"
          + " --checkpoint names another")
    case .tooShort(let steps):
      return Failure(
        .usage,
        "a run of \(Format.count(steps, "step")) is too short to be killed; raise --epochs or --limit"
      )
    case .diverged(let reason): return Failure(.failed, reason)
    case .damaged(_, let whole, let place, let file):
      let command = Shell.command([
        "train", "--resume", Shell.path(whole), "--checkpoint", Shell.path(file), "--overwrite",
      ])
      error?.hint = "\(whole) is intact, \(place); resume from it with: \(command)"
    case .dataNotNamed(_, let use):
      let files = use == .training ? "--images and --labels" : "--validation-images and its labels"
      error?.hint = "name it with \(use.flag), or \(files)"
    case .dataNotFound(_, let state, let use):
      error?.hint = "\(state) was \(use.verb) it; if it has moved, name it with \(use.flag)"
    case .otherData(_, let use):
      error?.hint = "name the original data with \(use.flag), or start anew with --init"
    case .otherLog(_, let isReplaceable):
      error?.hint =
        "name another folder, or "
        + (isReplaceable ? "replace it with --overwrite" : "remove this file")
      return Failure(.usage, error?.description ?? "")
    case .unsuitableFolder(_, let isTaken):
      error?.hint = (isTaken ? "wait for it to end, or " : "") + "name another folder with --folder"
    }
    return error ?? self
  }
}

extension DataUse {
  fileprivate var flag: String { self == .training ? "--data" : "--validation-data" }
}
