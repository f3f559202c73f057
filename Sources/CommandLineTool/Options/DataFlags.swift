import ArgumentParser
import MiniCNN

/// Which images a command works on.
struct DataFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder with the four files of a data set, gzipped or not.", valueName: "folder"),
    completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp("An IDX file of images, instead of --data.", valueName: "file"),
    completion: .file())
  var images: String?

  @Option(
    help: ArgumentHelp("The IDX file of their labels.", valueName: "file"), completion: .file())
  var labels: String?

  func validate() throws {
    if data != nil && (images != nil || labels != nil) {
      throw ValidationError("--data names all files; use it or --images with --labels, not both")
    }
    if (images == nil) != (labels == nil) {
      throw ValidationError("--images and --labels go together")
    }
  }

  /// The flags that were stated, with their values.
  var stated: [String] {
    [("--data", data), ("--images", images), ("--labels", labels)].flatMap { flag, value in
      value.map { ["\(flag)=\($0)"] } ?? []
    }
  }

  /// The paths the user gave, as a checkpoint keeps them; `nil` where there are none.
  var paths: [String]? {
    if let images, let labels { return [images, labels] }
    return data.map { [$0] }
  }

  /// The paths the user gave, or else those there are without; throws where there are none.
  func requiredPaths(otherwise standard: [String]? = nil) throws -> [String] {
    guard let paths = paths ?? standard else {
      throw Failure(.usage, "name the data with --data, or --images and --labels")
    }
    return paths
  }
}

/// Labelled images that have been found to suit a model.
struct LabelledData {
  let set: ImageSet
  let paths: [String]
  let classNames: ClassNames?

  /// Loads a folder's split, or a pair of files.
  init(paths: [String], split: DataSplit) throws(FileError) {
    self.paths = paths
    if paths.count == 2 {
      set = try ImageSet(images: paths[0], labels: paths[1])
      classNames = nil
    } else {
      let folder = DataFolder(paths.first ?? ".")
      set = try folder.load(split)
      classNames = try folder.classNames()
    }
  }

  /// Throws where the images or labels are not what a network takes.
  func check(_ network: Network) throws(FileError) {
    try set.checkShape(network)
    try set.checkLabels(classes: network.outputShape.count)
  }

  /// The names of a network's classes: the folder's where it has just as many.
  func names(count: Int) -> [String] {
    if let classNames, classNames.count == count { return classNames.names }
    return ClassNames.numerals(count).names
  }

  /// What a checkpoint keeps of the data.
  var reference: DataReference {
    DataReference(paths: paths, sha256: set.identity().hexadecimal)
  }
}

extension ImageSet {
  /// Throws where the images are of another size than a network takes.
  func checkShape(_ network: Network) throws(FileError) {
    guard sampleShape == network.inputShape else {
      throw FileError(
        .invalid, file: imageFile, place: "images",
        expected:
          "\(network.inputShape) (height×width×channels), as \(network.spec.name) takes them",
        found: "\(sampleShape)")
    }
  }
}
