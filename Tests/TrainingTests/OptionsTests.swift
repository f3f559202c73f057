import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite struct OptionsTests {
  private func complaint(_ settings: KeyValuePairs<String, String>) -> String {
    TestSupport.complaint { try TrainingOptions(settings).resolve(defaultSeed: 1) }
  }

  @Test func defaultsAreThoseOfTheDocs() throws {
    let settings = try TrainingOptions().resolve(defaultSeed: 7)
    #expect(settings.epochs == 5 && settings.batchSize == 64 && settings.seed == 7)
    #expect(settings.update.optimizer.kind == "adam" && settings.learningRate == 0.001)
    #expect(settings.update.weightDecay == 0 && settings.update.l2 == 0)
    #expect(settings.update.clipNorm == nil && settings.validationFraction == 0)
    #expect(settings.schedule == Schedule() && settings.shuffles)
    #expect(settings.loss.isEqual(to: CrossEntropy()) && settings.labelSmoothing == 0)
  }

  @Test func patienceBringsAValidationSplit() throws {
    #expect(
      try TrainingOptions(["patience": "3"]).resolve(defaultSeed: 1).validationFraction == 0.1)
    #expect(
      try TrainingOptions(["patience": "none"]).resolve(defaultSeed: 1).validationFraction == 0)
  }

  @Test func aValidationSetTakesThePlaceOfASplit() throws {
    let options = try TrainingOptions(["patience": "3", "monitor": "val_loss"])
    let settings = try options.resolve(defaultSeed: 1, hasValidationSet: true)
    #expect(settings.validationFraction == 0 && settings.patience == 3)
    #expect(
      TestSupport.complaint {
        try TrainingOptions(["validation_fraction": "0.25"])
          .resolve(defaultSeed: 1, hasValidationSet: true)
      }
        == "validation_fraction: expected 0 beside samples for validation alone, found 0.25")
    // A file's share gives way where that is asked for.
    let sharing = try TrainingOptions(["validation_fraction": "0.25", "stratify": "true"])
    let own = try sharing.forValidationSet.resolve(defaultSeed: 1, hasValidationSet: true)
    #expect(own.validationFraction == 0 && !own.stratifies)
  }

  @Test func adamWDecaysByDefault() throws {
    let settings = try TrainingOptions(["optimizer": "adamw"]).resolve(defaultSeed: 1)
    #expect(settings.update.weightDecay == 0.004)
  }

  @Test func anotherOptimizerLeavesTheRateBehind() throws {
    let file = try TrainingOptions([
      "optimizer": "sgd", "learning_rate": "0.1", "momentum": "0.9", "epochs": "3",
    ])
    let joined = try TrainingOptions(["optimizer": "adam"]).filled(from: file)
    #expect(try joined == TrainingOptions(["optimizer": "adam", "epochs": "3"]))
    #expect(TrainingOptions().filled(from: file) == file)
  }

  @Test func numbersAreComparedAsNumbers() throws {
    #expect(
      try TrainingOptions(["learning_rate": "0.010", "epochs": "+3"])
        == TrainingOptions(["epochs": "3", "learning_rate": "1e-2"]))
  }

  /// A value of every setting that is not its default.
  private static let others: [String: String] = [
    "optimizer": "sgd", "learning_rate": "0.25", "momentum": "0.5", "nesterov": "true",
    "rho": "0.5", "epsilon": "0.125", "beta1": "0.5", "beta2": "0.75", "weight_decay": "0.5",
    "l2": "0.25", "l1": "0.25", "clip_norm": "2.0", "schedule": "step:every=3,factor=0.25",
    "class_weights": "0.5,2.0", "metrics": "f1,top_k_accuracy:k=2", "monitor": "val_f1",
    "warmup": "1.5", "schedule_epochs": "7", "loss": "huber:delta=0.5", "label_smoothing": "0.25",
    "augmentation": "shift=2.0,flip=both", "mixup": "0.5", "weight_average": "0.75",
    "epochs": "7", "batch_size": "3", "seed": "18446744073709551615", "shuffle": "false",
    "validation_fraction": "0.25", "fold": "2/5", "stratify": "true", "patience": "4",
    "min_delta": "0.25",
    "limit": "9", "shards": "64",
  ]

  @Test(arguments: TrainingOptions.descriptions)
  func everySettingIsKeptAndReadBack(about: SettingDescription) throws {
    let text = try #require(Self.others[about.key], "a value for the new setting")
    var options = try TrainingOptions([about.key: text])
    if let optimizer = about.owners.first { try options.state("optimizer", optimizer) }
    if about.key == "patience" { try options.state("validation_fraction", "0.5") }
    if about.key == "min_delta" { try options.state("patience", "3") }
    if ["metrics", "monitor", "stratify"].contains(about.key) {
      try options.state("validation_fraction", "0.5")
    }
    let settings = try options.resolve(defaultSeed: 3)
    let written = TrainingOptions(settings)
    #expect(written[about.key] == text)
    #expect(TrainingOptions(try written.resolve(defaultSeed: 0)) == written)
    if about.key != "seed" { #expect(TrainingOptions(TrainingSettings())[about.key] != text) }
  }

  @Test func valuesOutOfRangeAreNamed() {
    #expect(complaint(["epochs": "0"]) == "epochs: expected 1 to 1000000, found 0")
    #expect(complaint(["batch_size": "-1"]) == "batch_size: expected 1 to 65536, found -1")
    #expect(
      complaint(["learning_rate": "nan"])
        == "learning_rate: expected a number of at least 0, found nan")
    #expect(
      complaint(["validation_fraction": "1"])
        == "validation_fraction: expected 0 to below 1, found 1.0")
    #expect(
      complaint(["schedule_epochs": "-9223372036854775808"])
        == "schedule_epochs: expected 1 to 1000000, found -9223372036854775808")
    #expect(
      complaint(["schedule": "step:every=9223372036854775807"])
        == "schedule.every: expected 1 to 1000000, found 9223372036854775807")
    #expect(complaint(["clip_norm": "0"]) == "clip_norm: expected a number above 0, found 0.0")
    #expect(
      complaint(["momentum": "0.9"])
        == "momentum: expected the optimizer sgd or rmsprop with it, found adam")
    #expect(
      complaint(["optimizer": "adam2"])
        == "optimizer: expected one of sgd, rmsprop, adagrad, adam, adamw, found adam2; did you mean \"adam\"?"
    )
    #expect(
      complaint(["optimizer": "sgd", "momentum": "1.5"])
        == "momentum: expected 0 to below 1, found 1.5")
    #expect(
      complaint(["patience": "2", "validation_fraction": "0"])
        == "patience: expected a validation_fraction above 0 with it, found 0.0")
    #expect(
      complaint(["min_delta": "0.5"]) == "min_delta: expected patience with it, found 0.5")
    #expect(
      complaint(["schedule": "plateau"])
        == "schedule.plateau: expected a validation_fraction above 0 with it, found 0.0")
  }

  @Test func lossesMetricsAndWeightsAreNamed() throws {
    // Losses that a program has registered come after ours.
    let unknown = complaint(["loss": "mes"])
    #expect(
      unknown.hasPrefix(
        "loss: expected one of cross_entropy, mse, binary_cross_entropy, mae, huber"))
    #expect(unknown.hasSuffix(", found mes; did you mean \"mse\"?"))
    #expect(
      complaint(["loss": "huber:delta=0"])
        == "loss.delta: expected a number above 0, found 0.0")
    #expect(
      complaint(["loss": "mse:delta=1"]) == "loss: expected no key, found delta")
    #expect(
      complaint(["metrics": "f1,f1"]) == "metrics: expected each metric once, found f1 twice")
    #expect(
      complaint(["metrics": "top_k_accuracy:k=0"])
        == "metrics.k: expected at least 1, found 0")
    #expect(
      complaint(["metrics": "f2"])
        == "metrics: expected one of accuracy, top_k_accuracy, precision, recall, f1, mae, mse, found f2; did you mean \"f1\"?"
    )
    #expect(
      complaint(["monitor": "f2"])
        == "monitor: expected auto, val_loss, or val_ and one of accuracy, top_k_accuracy:k=5, precision, recall, f1, mae, mse, found f2"
    )
    #expect(
      complaint(["monitor": "val_loss"])
        == "monitor: expected a validation_fraction above 0 with it, found 0.0")
    #expect(
      complaint(["metrics": "mae"])
        == "metrics: expected a validation_fraction above 0 with it, found 0.0")
    #expect(
      complaint(["class_weights": "1,-2"])
        == "class_weights: expected weights of at least 0, found -2.0")
    #expect(
      complaint(["class_weights": "even"])
        == "class_weights: expected none, balanced, or comma-separated weights, one for each class, found even"
    )
    #expect(
      complaint(["class_weights": "0,0"])
        == "class_weights: expected a weight above 0, found 0.0,0.0")
    #expect(
      complaint(["stratify": "true"])
        == "stratify: expected a validation_fraction above 0 with it, found 0.0")
    let settings = try TrainingOptions([
      "loss": "huber", "monitor": "accuracy", "validation_fraction": "0.5",
    ]).resolve(defaultSeed: 1)
    #expect(settings.loss.isEqual(to: Huber(delta: 1)))
    #expect(settings.monitor == .metric(Accuracy()))
  }

  @Test func settingsMadeInCodeAreChecked() {
    func complaint(_ change: (inout TrainingSettings) -> Void) -> String {
      var settings = TrainingSettings()
      change(&settings)
      return TestSupport.complaint { try settings.check() }
    }
    #expect(complaint { _ in } == "no error")
    #expect(complaint { $0.epochs = 0 } == "epochs: expected 1 to 1000000, found 0")
    #expect(
      complaint { $0.schedule = Schedule(.step(every: 0, factor: 0.5)) }
        == "schedule.every: expected 1 to 1000000, found 0")
    #expect(
      complaint { $0.update.optimizer = SGD(momentum: 2) }
        == "momentum: expected 0 to below 1, found 2.0")
    #expect(
      complaint { $0.augmentation.shift = -1 }
        == "augmentation.shift: expected 0 to 1000, found -1.0")
    #expect(complaint { $0.patience = 0 } == "patience: expected at least 1, found 0")
    #expect(
      complaint { $0.loss = Huber(delta: -1) }
        == "loss.delta: expected a number above 0, found -1.0")
  }
}
