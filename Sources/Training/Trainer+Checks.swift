import NeuralNetwork

/// What data must be before a network is trained on it.
extension Trainer {
  /// Throws where samples are of another shape than the network takes.
  static func checkShapes(
    _ data: some SampleSource, _ validation: (any SampleSource)?, _ network: Network
  ) throws(SettingError) {
    for shape in [data.sampleShape] + (validation.map { [$0.sampleShape] } ?? [])
    where shape != network.inputShape {
      throw SettingError(
        "data", expected: "samples of \(network.inputShape), as the model takes them",
        found: "samples of \(shape)")
    }
  }

  /// Throws where samples for validation alone are none, too many, or not like those that train.
  static func check(
    _ validation: some SampleSource, as data: some SampleSource, _ network: Network
  ) throws(SettingError) {
    guard (1...Int(Int32.max)).contains(validation.count) else {
      throw SettingError(
        "validation data", expected: "1 to \(Int32.max) samples", found: "\(validation.count)")
    }
    guard validation.targets == data.targets else {
      throw SettingError(
        "validation data", expected: "targets of the kind that train", found: "others")
    }
    try Self.checkLabels(
      of: validation, (0..<Int32(validation.count)).map { $0 }, network)
  }

  /// Throws where every layer with parameters is frozen.
  static func checkTrained(_ network: Network) throws(ModelError) {
    guard network.trainedParameterCount == 0,
      let last = network.layout.entries.last(where: { $0.variable.role != .statistic })
    else { return }
    throw ModelError(
      "nothing would be trained, as every layer with parameters is frozen",
      hint: "unfreeze at least the last one, \(network.nodes[last.node].name)")
  }

  /// Throws where a network cannot learn the samples' targets; returns the classes' weights, where
  /// they have some.
  static func checkTargets(
    _ data: some SampleSource, _ split: SampleSplit, _ network: Network,
    _ settings: TrainingSettings
  ) throws -> [Float]? {
    let outputs = network.outputShape.count
    try SmoothedTargets.check(data.targets, settings)
    try settings.checkMetrics(
      data.targets, predictions: Head(network, settings.loss).predicts)
    switch data.targets {
    case .none:
      throw SettingError("data", expected: "samples with classes or targets", found: "neither")
    case .values(let shape):
      guard shape.count == outputs else {
        throw SettingError(
          "data", expected: "targets of \(network.outputShape), one number for each output",
          found: "targets of \(shape)")
      }
      guard settings.classWeights == .none else {
        throw SettingError(
          "class_weights", expected: "none, as the samples have no classes",
          found: settings.classWeights.text)
      }
      return nil
    case .classes:
      guard network.outputShape.rank == 1 else { throw ModelError(noClassifier: network) }
      let labels = try checkLabels(of: data, split.training + split.validation, network)
      return try settings.classWeights.values(
        outputs: outputs, labels: Array(labels.prefix(split.training.count)))
    }
  }

  /// Throws for a class beyond the outputs; returns the classes of the samples with these numbers.
  @discardableResult
  private static func checkLabels(
    of data: some SampleSource, _ numbers: [Int32], _ network: Network
  ) throws(SettingError) -> [Int32] {
    guard data.targets == .classes else { return [] }
    let outputs = network.outputShape.count
    let labels = data.labels(numbers)
    guard let bad = labels.firstIndex(where: { $0 < 0 || Int($0) >= outputs }) else {
      return labels
    }
    throw SettingError(
      "data", expected: "labels from 0 to \(outputs - 1), one for each output",
      found: "\(labels[bad]) of sample \(numbers[bad])")
  }
}
