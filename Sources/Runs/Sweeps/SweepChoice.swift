import Files
import ModelFiles
import Training

/// One value of one setting of a sweep.
public struct SweepChoice: Sendable, Equatable {
  /// The setting's key in a `training:` block.
  public let key: String
  /// The value as the file states it.
  public let text: String
  /// The key with this value as options.
  public let options: TrainingOptions
  /// Where the value is in the file, for messages.
  let place: String?

  /// Reads a value.
  init(_ key: YAMLNode, _ value: YAMLNode, file: String) throws(FileError) {
    self.key = key.scalar?.string ?? ""
    options = try TrainingOptions(YAMLNode.mapping(.init([(key, value)])), file: file)
    text = value.scalar?.string ?? options[self.key] ?? value.summary
    place = value.place
  }
}
