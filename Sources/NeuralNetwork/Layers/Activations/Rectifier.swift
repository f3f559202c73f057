import CKernels

extension MCRectifier {
  /// Leaves everything as it is.
  static let none = MCRectifier(rectifies: false, slope: 1, bound: .infinity)

  /// y above 0, slope · y elsewhere, at most `bound`.
  init(slope: Float, bound: Float = .infinity) {
    self.init(rectifies: true, slope: slope, bound: bound)
  }

  /// Whether what is below 0 becomes 0.
  var leavesZeros: Bool { rectifies && slope == 0 }
}
