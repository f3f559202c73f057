import ArgumentParser
import Files
import MiniCNN
import Platform

/// Which images a command works on.
struct DataFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder with the four files of a data set, gzipped or not; of several, folder/name. Or the name of an installed one.",
      valueName: "folder"),
    completion: .lookUp(.data))
  var data: String?

  @Option(
    help: ArgumentHelp("An IDX file of images, instead of --data.", valueName: "file"),
    completion: .idx)
  var images: String?

  @Option(
    help: ArgumentHelp("The IDX file of their labels.", valueName: "file"), completion: .idx)
  var labels: String?

  func validate() throws {
    if data != nil && (images != nil || labels != nil) {
      throw ValidationError("--data names all files; use it or --images with --labels, not both")
    }
    if (images == nil) != (labels == nil) {
      throw ValidationError("--images and --labels go together")
    }
  }

  /// Whether the user named data.
  var areStated: Bool { data != nil || images != nil }

  /// The paths of what the user named, as a checkpoint keeps them; `nil` where there is nothing.
  var paths: [String]? {
    get throws {
      if let images, let labels { return [images, labels] }
      return try data.map { [try Installation.current.path(of: $0, as: .data)] }
    }
  }

  /// The paths of what the user named, or else `standard`; throws where there are neither.
  func requiredPaths(otherwise standard: [String]? = nil) throws -> [String] {
    guard let paths = try paths ?? standard else {
      throw Failure(.usage, "name the data with --data, or --images and --labels")
    }
    return paths
  }

  /// The paths of what the user named, or else the folder that a model was trained on, which has test images too; a
  /// pair of files that was trained on is no test.
  ///
  /// - Parameter file: the model's, for the message where that folder is not there.
  func testPaths(for checkpoint: Checkpoint?, in file: String) throws -> [String] {
    let folder = checkpoint?.trainingFolder
    let paths = try requiredPaths(otherwise: folder)
    guard !areStated, let path = folder?.first, !WholeFile.exists(path),
      !DataFolder.isNamedSet(path)
    else { return paths }
    throw FileError.system(
      ENOENT, file: path, action: "open the data folder",
      hint: "\(file) was trained on it; if it has moved, name it with --data")
  }
}

extension Checkpoint {
  /// The folder that the model was trained on, as paths; `nil` where it was none.
  var trainingFolder: [String]? { data.flatMap { $0.paths.count == 1 ? $0.paths : nil } }
}
