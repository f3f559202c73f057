/// One array of numbers that a layer owns: its name, its shape, how it is initialized.
public struct Variable: Hashable, Sendable {
  /// What training does with a variable.
  public enum Role: Sendable {
    /// Trained, and shrunk by weight decay.
    case weight
    /// Trained, and left alone by weight decay: biases, batch normalization's scale and shift.
    case bias
    /// Not trained: running statistics, updated once per step.
    case statistic
  }

  /// The name Keras gives it: `kernel`, `bias`, `gamma`.
  public let name: String
  /// Its extents.
  public let shape: Shape
  /// What training does with it.
  public let role: Role
  /// What it holds before training.
  public let initializer: Initializer

  /// Describes a variable.
  public init(_ name: String, shape: Shape, role: Role, initializer: Initializer) {
    self.name = name
    self.shape = shape
    self.role = role
    self.initializer = initializer
  }
}
