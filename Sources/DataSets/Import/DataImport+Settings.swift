import Files
import ImageData

extension DataImport {
  /// Throws where something is stated that a source of this form has no use for.
  func checkSettings(for source: DataSource) throws(FileError) {
    func check(
      _ isStated: Bool, _ setting: String, _ formats: Set<Format>
    ) throws(FileError) {
      guard isStated, !formats.contains(source.format) else { return }
      throw FileError(
        .invalid, file: source.path, place: setting,
        expected: Format.allCases.filter(formats.contains).map(\.title).joined(separator: " or ")
          + ", to which alone it applies",
        found: source.format.title)
    }
    try check(size != nil, "size", [.folders])
    try check(form.size != nil, "height and width", [.csv])
    try check(form.channels != nil, "channels", [.csv, .folders])
    try check(hasCoarseLabels, "coarse labels", [.cifar])
  }
}

extension DataImport.Format {
  /// What messages call a source of this form.
  var title: String {
    switch self {
    case .idx: "IDX files"
    case .csv: "CSV"
    case .npz: "a NumPy archive"
    case .cifar: "CIFAR"
    case .folders: "folders of pictures"
    }
  }
}
