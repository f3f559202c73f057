import CKernels

/// What a loop does with its output while it is in registers: a ReLU, a leaky one, a ReLU6, or nothing.
struct Rectifier {
  /// Leaves everything as it is.
  static let none = Rectifier(rectifies: false, slope: 1, bound: .infinity)

  let rectifies: Bool
  private let slope: Float, bound: Float

  private init(rectifies: Bool, slope: Float, bound: Float) {
    (self.rectifies, self.slope, self.bound) = (rectifies, slope, bound)
  }

  /// y above 0, slope · y elsewhere, at most `bound`.
  init(slope: Float, bound: Float = .infinity) {
    self.init(rectifies: true, slope: slope, bound: bound)
  }

  /// Whether what is below 0 becomes 0.
  var leavesZeros: Bool { rectifies && slope == 0 }

  /// The form the C loops take.
  var parameters: MCRectifier { MCRectifier(rectifies: rectifies, slope: slope, bound: bound) }
}
