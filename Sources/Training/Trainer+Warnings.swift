import NeuralNetwork

extension Trainer {
  /// Warns of the layer that has the largest part of a large gradient, once per epoch. A gradient
  /// whose norm is bounded does no harm.
  func gradientWarning(_ norm: Double) throws(RanksError) -> TrainingWarning? {
    guard norm > WarningThreshold.gradientNorm, settings.update.clipNorm == nil,
      epochOfLargeGradient != state.epoch
    else { return nil }
    epochOfLargeGradient = state.epoch
    // All ranks have the same norm.
    try gradientStep.completeGradient()
    return gradientStep.layerNorms(state.network).max { $0.norm < $1.norm }.map {
      .largeGradient(layer: $0.layer, layerNorm: $0.norm, norm: norm, step: state.optimizer.step)
    }
  }

  /// Warns of dead and saturated units, with the current weights.
  func activationWarnings() -> [TrainingWarning] {
    let samples = split.order(epoch: state.epoch, settings: settings)
      .prefix(WarningThreshold.samples)
    let findings = survey.run(state.network, source, Array(samples))
    // A few samples only suggest that a unit is dead; all of them prove it.
    let seemDead = findings.contains(where: \.isDead)
    let all =
      seemDead && samples.count < split.training.count
      ? survey.run(state.network, source, split.training) : findings
    return all.filter(\.isDead).map {
      .deadUnits(
        layer: $0.layer, dead: $0.deadUnits, units: $0.units, samples: split.training.count)
    }
      + findings.filter { $0.saturatedShare >= WarningThreshold.saturatedShare }.map {
        .saturated(layer: $0.layer, share: $0.saturatedShare)
      }
  }
}

extension ActivationSurvey.Finding {
  fileprivate var isDead: Bool {
    Double(deadUnits) >= WarningThreshold.deadShare * Double(units)
  }
}
