extension MeanAbsoluteError: Metric {
  /// `true`: it is an error.
  public static var improvesDownwards: Bool { true }
  /// `false`: it can be taken of any targets.
  public static var judgesLabels: Bool { false }

  /// Adds the samples' means.
  public func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>) {
    sums[0] += evaluate(batch, scale: 1, gradient: nil)
  }
}

extension MeanSquaredError: Metric {
  /// `true`: it is an error.
  public static var improvesDownwards: Bool { true }
  /// `false`: it can be taken of any targets.
  public static var judgesLabels: Bool { false }

  /// Adds the samples' means.
  public func add(_ batch: OutputBatch, hasClasses: Bool, to sums: UnsafeMutablePointer<Double>) {
    sums[0] += evaluate(batch, scale: 1, gradient: nil)
  }
}
