import NeuralNetwork

extension TrainingOptions {
  /// The names of the optimizers.
  public static let optimizers = [
    SGD.kind, RMSProp.kind, Adagrad.kind, Adam.kind, AdamW.kind,
  ]

  /// The optimizer these options state; `adam` where they name none.
  func makeOptimizer() throws(SettingError) -> any Optimizer {
    let kind = optimizer ?? Adam.kind
    switch kind {
    case SGD.kind:
      try refuse(for: kind, rho: rho, betas: (beta1, beta2), epsilon: epsilon)
      let momentum = try momentum.inside(0..<1, "momentum")
      return SGD(momentum: momentum ?? 0, nesterov: nesterov ?? false)
    case RMSProp.kind:
      try refuse(for: kind, nesterov: nesterov, betas: (beta1, beta2))
      return RMSProp(
        rho: try rho.inside(0..<1, "rho") ?? 0.9,
        momentum: try momentum.inside(0..<1, "momentum") ?? 0,
        epsilon: try positiveEpsilon() ?? 1e-7)
    case Adagrad.kind:
      try refuse(
        for: kind, momentum: momentum, nesterov: nesterov, rho: rho, betas: (beta1, beta2))
      return Adagrad(epsilon: try positiveEpsilon() ?? 1e-7)
    case Adam.kind, AdamW.kind:
      try refuse(for: kind, momentum: momentum, nesterov: nesterov, rho: rho)
      let first = try beta1.inside(0..<1, "beta1") ?? 0.9
      let second = try beta2.inside(0..<1, "beta2") ?? 0.999
      let epsilon = try positiveEpsilon() ?? 1e-7
      return kind == Adam.kind
        ? Adam(beta1: first, beta2: second, epsilon: epsilon)
        : AdamW(beta1: first, beta2: second, epsilon: epsilon)
    default:
      throw SettingError(
        "optimizer", expected: "one of \(Self.optimizers.joined(separator: ", "))", found: kind)
    }
  }

  /// States an optimizer and its parameters.
  mutating func state(_ rule: any Optimizer) {
    optimizer = rule.kind
    if let sgd = rule as? SGD {
      momentum = sgd.momentum
      nesterov = sgd.nesterov
    } else if let rmsprop = rule as? RMSProp {
      (rho, momentum, epsilon) = (rmsprop.rho, rmsprop.momentum, rmsprop.epsilon)
    } else if let adagrad = rule as? Adagrad {
      epsilon = adagrad.epsilon
    } else if let adam = rule as? Adam ?? (rule as? AdamW)?.adam {
      (beta1, beta2, epsilon) = (adam.beta1, adam.beta2, adam.epsilon)
    }
  }

  private func positiveEpsilon() throws(SettingError) -> Float? {
    if let epsilon, !(epsilon > 0 && epsilon.isFinite) {
      throw SettingError("epsilon", expected: "a number above 0", found: "\(epsilon)")
    }
    return epsilon
  }

  private func refuse(
    for kind: String, momentum: Float? = nil, nesterov: Bool? = nil, rho: Float? = nil,
    betas: (Float?, Float?) = (nil, nil), epsilon: Float? = nil
  ) throws(SettingError) {
    let stated: [(String, Bool, String)] = [
      ("momentum", momentum != nil, "sgd or rmsprop"), ("nesterov", nesterov != nil, "sgd"),
      ("rho", rho != nil, "rmsprop"), ("beta1", betas.0 != nil, "adam or adamw"),
      ("beta2", betas.1 != nil, "adam or adamw"),
      ("epsilon", epsilon != nil, "rmsprop, adagrad, adam or adamw"),
    ]
    if let (name, _, owners) = stated.first(where: { $0.1 }) {
      throw SettingError(name, expected: "the optimizer \(owners) beside it", found: kind)
    }
  }
}

extension Float? {
  fileprivate func inside(_ range: Range<Float>, _ name: String) throws(SettingError) -> Float? {
    if let value = self, !range.contains(value) {
      throw SettingError(
        name, expected: "\(range.lowerBound) to below \(range.upperBound)", found: "\(value)")
    }
    return self
  }
}
