import Checkpoints
import Files
import ImageData
import NeuralNetwork

/// Images with labels, where they were read from, and what their classes are called.
public struct LabelledData: Sendable {
  /// The images and the labels.
  public let set: ImageSet
  /// What messages call the data: the folder as it was named, or the image file.
  public let name: String
  /// Where they can be read again: the folder, or the image file and the label file, each an
  /// absolute path; empty for images that were made in memory.
  public let paths: [String]
  /// The names that the folder gives to the classes.
  public let classNames: ClassNames?
  /// The SHA-256 of the decoded images and labels, in hexadecimal; computed on first use, as it
  /// reads every pixel.
  public var sha256: String { self.set.identity().hexadecimal }

  /// Takes images that are in memory, all of which have labels.
  ///
  /// - Throws: a ``FileError`` where the set has no labels.
  public init(_ set: ImageSet, classNames: ClassNames? = nil) throws(FileError) {
    try self.init(set, name: set.imageFile, paths: set.files ?? [], classNames: classNames)
  }

  /// Reads one part of a folder, and its `classes.txt` if there is one.
  public init(_ folder: DataFolder, split: DataSplit) throws(FileError) {
    try self.init(
      try folder.load(split), name: folder.path, paths: [folder.path],
      classNames: try folder.classNames())
  }

  /// Reads one part of the folder at one path, or the images and the labels at two.
  public init(paths: [String], split: DataSplit) throws(FileError) {
    if paths.count == 2 {
      try self.init(try ImageSet(images: paths[0], labels: paths[1]))
    } else {
      try self.init(DataFolder(paths.first ?? "."), split: split)
    }
  }

  private init(
    _ set: ImageSet, name: String, paths: [String], classNames: ClassNames?
  ) throws(FileError) {
    guard set.labels != nil else {
      throw FileError(
        .invalid, file: set.imageFile, expected: "images with labels", found: "images alone")
    }
    self.set = set
    self.name = name
    self.paths = paths.map(absolutePath)
    self.classNames = classNames
  }

  /// Throws where the images or labels are not what a network takes.
  package func check(_ network: Network) throws(FileError) {
    try set.checkShape(network)
    try set.checkLabels(classes: network.outputShape.count)
  }

  /// The names of a network's classes: the folder's where it has just as many, or else numerals.
  package func names(count: Int) -> [String] {
    if let classNames, classNames.count == count { return classNames.names }
    return (0..<count).map(String.init)
  }

  /// What a checkpoint keeps of the data.
  package var reference: DataReference { DataReference(paths: paths, sha256: sha256) }
}

extension ImageSet {
  /// Throws where the images are of another size than a network takes.
  package func checkShape(_ network: Network) throws(FileError) {
    guard sampleShape == network.inputShape else {
      throw FileError(
        .invalid, file: imageFile, place: "images",
        expected:
          "\(network.inputShape) (height×width×channels), as \(network.spec.name) takes them",
        found: "\(sampleShape)")
    }
  }
}

/// What a run can train on: a ``DataFolder``, an ``ImageSet`` or ``LabelledData``.
public protocol TrainingImages {
  /// The training images, which are read if they are not in memory.
  func trainingData() throws(FileError) -> LabelledData
}

extension DataFolder: TrainingImages {
  /// Reads the folder's training images.
  public func trainingData() throws(FileError) -> LabelledData {
    try LabelledData(self, split: .train)
  }
}

extension ImageSet: TrainingImages {
  /// These images.
  public func trainingData() throws(FileError) -> LabelledData { try LabelledData(self) }
}

extension LabelledData: TrainingImages {
  /// These data.
  public func trainingData() -> LabelledData { self }
}

/// A folder at one path, or an image file and a label file at two.
package struct DataPaths: TrainingImages, Sendable, Equatable {
  /// The paths.
  package let paths: [String]

  /// Names them; nothing is read yet.
  package init(_ paths: [String]) { self.paths = paths }

  /// Reads the folder's training images, or the two files.
  package func trainingData() throws(FileError) -> LabelledData {
    try LabelledData(paths: paths, split: .train)
  }
}
