/// Why a model cannot be built: which layer does not fit, what it got and what it needs.
public struct ModelError: Error, Equatable, Sendable {
  /// The layer, as `layer 3 (max_pool2d)`; `nil` while only the layer itself knows of the problem.
  public var layer: String?
  /// What does not fit.
  public var problem: String
  /// What the reader might try.
  public var hint: String?

  /// Creates an error.
  public init(_ problem: String, hint: String? = nil) {
    self.problem = problem
    self.hint = hint
  }

  /// The same error, attributed to a layer.
  package func at(_ layer: String) -> ModelError {
    var copy = self
    copy.layer = self.layer.map { "\(layer), \($0)" } ?? layer
    return copy
  }
}

extension ModelError: CustomStringConvertible {
  /// One line: `layer 3 (max_pool2d): window 4×4 does not fit its input 3×3×16; …`.
  public var description: String {
    (layer.map { "\($0): " } ?? "") + problem + (hint.map { "; \($0)" } ?? "")
  }
}
