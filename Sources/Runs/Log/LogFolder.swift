/// A folder in which a run writes down how it goes, for other programs to draw.
///
/// `metrics.csv` has a row for each epoch. Nothing in it is not in the run's state, so a run that was killed and
/// resumed writes the same rows as one that was not, the times in the last two columns aside. TensorBoard's files
/// grow by some kilobytes each epoch; a resumed run begins another one, which takes back what an earlier one says of
/// steps that are made again.
public struct LogFolder: Sendable, Equatable {
  /// The folder, which is made where it is not there.
  public var path: String
  /// Whether there are TensorBoard's event files too: the numbers of `metrics.csv`, histograms of weights and
  /// gradients, and pictures.
  public var hasEventFiles: Bool

  /// Names a folder.
  public init(_ path: String, hasEventFiles: Bool = false) {
    (self.path, self.hasEventFiles) = (path, hasEventFiles)
  }
}
