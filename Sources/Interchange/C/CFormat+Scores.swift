import ImageData

extension CFormat {
  public func scores(
    _ files: [ExportedFile], of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws -> ExportScores {
    .missing("a C compiler")
  }
}
