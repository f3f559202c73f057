import Files
import HDF5

extension Checkpoint {
  /// Whether a file starts as a checkpoint or another HDF5 file does; a model file does not.
  public static func isLikely(_ path: String) throws(FileError) -> Bool {
    try SealedImage.isHDF5(path)
  }
}
