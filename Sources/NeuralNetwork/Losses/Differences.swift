import CKernels

/// The mean over the outputs of the squared difference to the target.
public struct MeanSquaredError: Loss {
  /// `mse`.
  public static let kind = "mse"
  /// It has no settings.
  public static let prototype = MeanSquaredError()
  /// Nothing can be set.
  public static let settings: [Setting<MeanSquaredError>] = []

  /// Creates the loss.
  public init() {}

  /// The sum of the samples' losses; gradient = scale · 2 · difference / outputs.
  public func evaluate(
    _ batch: OutputBatch, scale: Float, gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    mc_mean_squared_error(
      batch.samples, batch.width, batch.outputs, batch.targets, scale, gradient)
  }
}

/// The mean over the outputs of the difference's magnitude: outliers weigh less than in the squared
/// error.
public struct MeanAbsoluteError: Loss {
  /// `mae`.
  public static let kind = "mae"
  /// It has no settings.
  public static let prototype = MeanAbsoluteError()
  /// Nothing can be set.
  public static let settings: [Setting<MeanAbsoluteError>] = []

  /// Creates the loss.
  public init() {}

  /// The sum of the samples' losses; gradient = scale · sign of the difference / outputs.
  public func evaluate(
    _ batch: OutputBatch, scale: Float, gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    mc_mean_absolute_error(
      batch.samples, batch.width, batch.outputs, batch.targets, scale, gradient)
  }
}

/// The mean over the outputs of d² / 2 where the difference d is at most δ, of δ · (|d| − δ / 2)
/// beyond: smooth at 0, and outliers weigh less (Huber 1964, "Robust estimation of a location
/// parameter").
public struct Huber: Loss {
  /// `huber`.
  public static let kind = "huber"
  /// With Keras's δ, 1.
  public static let prototype = Huber()
  /// What can be set.
  public static let settings: [Setting<Huber>] = [
    Setting("delta", \.delta, .positive, "the difference from which on it grows linearly")
  ]
  /// The difference from which on it grows linearly, δ.
  public var delta: Float

  /// Creates the loss.
  public init(delta: Float = 1) { self.delta = delta }

  /// The sum of the samples' losses; gradient = scale · the difference, from −δ to δ, / outputs.
  public func evaluate(
    _ batch: OutputBatch, scale: Float, gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    mc_huber(
      batch.samples, batch.width, delta, batch.outputs, batch.targets, scale, gradient)
  }
}
