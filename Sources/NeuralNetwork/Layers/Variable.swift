/// One array of numbers that a layer owns: its name, its shape, how it is initialized.
public struct Variable: Hashable, Sendable {
  /// What training does with a variable.
  public enum Role: Sendable {
    /// Trained, and shrunk by weight decay.
    case weight
    /// Trained, and left alone by weight decay: whatever must not be pulled towards 0, as biases, scales,
    /// slopes and gates.
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
  /// How it is filled before training, unless ``constant`` says so.
  public let initializer: Initializer
  /// What every element holds before training; `nil` where the initializer fills them.
  public let constant: Float?
  /// Whether it counts something, so that files hold it as whole numbers.
  public let isCount: Bool

  /// Describes a variable that an initializer fills.
  public init(_ name: String, shape: Shape, role: Role, initializer: Initializer) {
    (self.name, self.shape, self.role, self.initializer) = (name, shape, role, initializer)
    (constant, isCount) = (nil, false)
  }

  /// Describes a variable whose elements all begin with one number.
  public init(_ name: String, shape: Shape, role: Role, constant: Float) {
    (self.name, self.shape, self.role, self.initializer) = (name, shape, role, .zeros)
    (self.constant, isCount) = (constant, false)
  }

  /// Describes a statistic that counts something, from 0.
  public init(count name: String) {
    (self.name, shape, role, initializer) = (name, [], .statistic, .zeros)
    (constant, isCount) = (nil, true)
  }

  /// Fills an array of the variable's shape. Overwrites `values`.
  func fill(_ values: UnsafeMutablePointer<Float>, using random: inout CounterRandom) {
    if let constant {
      values.update(repeating: constant, count: shape.count)
    } else {
      initializer.fill(values, shape: shape, using: &random)
    }
  }
}
