import Files

extension ImageSet {
  /// The highest label plus one; nil without labels.
  public var classCount: Int? { labels?.max().map { Int($0) + 1 } }

  /// Checks whether a model that distinguishes `classes` classes can learn from the labels.
  ///
  /// - Throws: a ``FileError`` that names the file, the place of the first label beyond
  ///   `classes` - 1, counted from 0 in the file, and its value. A set without labels passes.
  public func checkLabels(classes: Int) throws(FileError) {
    guard let labels, let bad = labels.firstIndex(where: { Int($0) >= classes }) else { return }
    throw FileError(
      .invalid, file: labelFile ?? imageFile, place: "label \(firstImage + bad), counted from 0",
      expected: "a class from 0 to \(classes - 1)", found: "\(labels[bad])",
      hint: "the model has too few outputs for these labels")
  }
}
