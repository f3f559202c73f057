import Checkpoints
import Files
import ImageData
import NeuralNetwork

/// Samples with targets, where they were read from, and what their classes are called.
public struct LabelledData: Sendable {
  /// The samples.
  public let samples: any SampleSource
  /// What messages call the data: the folder as it was named, or the image file.
  public let name: String
  /// Where they can be read again: the folder, or the image file and the label file, each an
  /// absolute path; empty for samples that were made in memory.
  public let paths: [String]
  /// The names that the folder gives to the classes.
  public let classNames: ClassNames?
  /// The SHA-256 of the decoded samples and targets, in hexadecimal; computed on first use, as it
  /// reads every sample.
  public var sha256: String { samples.sha256 ?? "unknown" }

  /// Takes images that are in memory, all of which have labels or targets.
  ///
  /// - Throws: a ``FileError`` where the set has none.
  public init(_ set: ImageSet, classNames: ClassNames? = nil) throws(FileError) {
    try self.init(set, name: set.imageFile, paths: set.files ?? [], classNames: classNames)
  }

  /// Takes samples of any kind that are in memory, all of which have classes or targets.
  ///
  /// - Parameter name: what messages call them.
  /// - Throws: a ``FileError`` where they have no targets, or no digest (``SampleSource/sha256``) by
  ///   which a run could recognize them.
  public init(
    samples: some SampleSource, name: String = "samples in memory", classNames: ClassNames? = nil
  ) throws(FileError) {
    guard samples.sha256 != nil else {
      throw FileError(
        .invalid, file: name, expected: "samples with a digest, by which a run recognizes them",
        found: "none")
    }
    try self.init(samples, name: name, paths: [], classNames: classNames)
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

  /// Takes samples that another process has read at these paths.
  init(
    received samples: some SampleSource, name: String, paths: [String], classNames: ClassNames?
  ) throws(FileError) {
    try self.init(samples, name: name, paths: paths, classNames: classNames)
  }

  private init(
    _ samples: some SampleSource, name: String, paths: [String], classNames: ClassNames?
  ) throws(FileError) {
    guard samples.targets != .none else {
      guard let images = samples as? ImageSet else {
        throw FileError(
          .invalid, file: name, expected: "samples with classes or targets", found: "samples alone")
      }
      throw FileError(
        .invalid, file: images.imageFile, expected: "images with labels", found: "images alone")
    }
    self.samples = samples
    self.name = name
    self.paths = paths.map(absolutePath)
    self.classNames = classNames
  }

  /// The samples, where they are images.
  public var images: ImageSet? { samples as? ImageSet }

  /// What messages call the file of the samples.
  package var sampleFile: String { images?.imageFile ?? name }

  /// Throws where the samples or targets are not what a network takes.
  package func check(_ network: Network) throws(FileError) {
    try samples.checkShape(network, file: sampleFile)
    switch samples.targets {
    case .none: break
    case .classes: try checkLabels(network.outputShape.count)
    case .values(let shape):
      guard shape.count == network.outputShape.count else {
        throw FileError(
          .invalid, file: images?.labelFile ?? name, place: "targets",
          expected: "\(network.outputShape), one number for each output of \(network.spec.name)",
          found: "\(shape)")
      }
    }
  }

  private func checkLabels(_ outputs: Int) throws(FileError) {
    if let images { return try images.checkLabels(classes: outputs) }
    let labels = samples.labels((0..<Int32(samples.count)).map { $0 })
    guard let bad = labels.firstIndex(where: { $0 < 0 || Int($0) >= outputs }) else { return }
    throw FileError(
      .invalid, file: name, place: "label \(bad), counted from 0",
      expected: "a class from 0 to \(outputs - 1)", found: "\(labels[bad])",
      hint: "the model has too few outputs for these labels")
  }

  /// The names of a network's classes: the folder's where it has just as many, or else numerals; none
  /// where the samples have no classes.
  package func names(count: Int) -> [String] {
    guard samples.targets == .classes else { return [] }
    if let classNames, classNames.count == count { return classNames.names }
    return (0..<count).map(String.init)
  }

  /// What a checkpoint keeps of the data.
  package var reference: DataReference { DataReference(paths: paths, sha256: sha256) }
}

extension SampleSource {
  /// Throws where the samples are of another size than a network takes; `file` is what messages call
  /// them.
  package func checkShape(_ network: Network, file: String) throws(FileError) {
    guard sampleShape == network.inputShape else {
      let (place, axes) =
        self is ImageSet ? ("images", " (height×width×channels)") : ("samples", "")
      throw FileError(
        .invalid, file: file, place: place,
        expected: "\(network.inputShape)\(axes), as \(network.spec.name) takes them",
        found: "\(sampleShape)")
    }
  }
}

extension ImageSet {
  /// Throws where the images are of another size than a network takes.
  package func checkShape(_ network: Network) throws(FileError) {
    try checkShape(network, file: imageFile)
  }
}

/// What a run can train on: a ``DataFolder``, an ``ImageSet``, ``ArraySamples`` or ``LabelledData``.
public protocol TrainingImages {
  /// The training samples, which are read if they are not in memory.
  func trainingData() throws(FileError) -> LabelledData
  /// The same to validate with.
  func validationData() throws(FileError) -> LabelledData
}

extension TrainingImages {
  /// The training samples by default: what is named for validation is all of it for that.
  public func validationData() throws(FileError) -> LabelledData { try trainingData() }
}

extension DataFolder: TrainingImages {
  /// Reads the folder's training images.
  public func trainingData() throws(FileError) -> LabelledData {
    try LabelledData(self, split: .train)
  }

  /// Reads the folder's validation images, or its training images where it has none of that name.
  public func validationData() throws(FileError) -> LabelledData {
    try LabelledData(self, split: .validation)
  }
}

extension ImageSet: TrainingImages {
  /// These images.
  public func trainingData() throws(FileError) -> LabelledData { try LabelledData(self) }
}

extension ArraySamples: TrainingImages {
  /// These samples.
  public func trainingData() throws(FileError) -> LabelledData {
    try LabelledData(samples: self)
  }
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

  /// Reads the folder's validation images, or the two files.
  package func validationData() throws(FileError) -> LabelledData {
    try LabelledData(paths: paths, split: .validation)
  }
}
