import NeuralNetwork
import Testing
import Training

@Suite struct OptionsTests {
  private func complaint(_ change: (inout TrainingOptions) -> Void) -> String {
    var options = TrainingOptions()
    change(&options)
    do {
      _ = try options.resolve(defaultSeed: 1)
      return "no error"
    } catch {
      return error.description
    }
  }

  @Test func defaultsAreThoseOfTheDocs() throws {
    let settings = try TrainingOptions().resolve(defaultSeed: 7)
    #expect(settings.epochs == 5 && settings.batchSize == 64 && settings.seed == 7)
    #expect(settings.update.optimizer.kind == "adam" && settings.learningRate == 0.001)
    #expect(settings.update.weightDecay == 0 && settings.update.l2 == 0)
    #expect(settings.update.clipNorm == nil && settings.validationFraction == 0)
    #expect(settings.schedule == Schedule() && settings.loss == Loss() && settings.shuffles)
  }

  @Test func patienceBringsAValidationSplit() throws {
    var options = TrainingOptions()
    options.patience = 3
    #expect(try options.resolve(defaultSeed: 1).validationFraction == 0.1)
  }

  @Test func adamWDecaysByDefault() throws {
    var options = TrainingOptions()
    options.optimizer = "adamw"
    #expect(try options.resolve(defaultSeed: 1).update.weightDecay == 0.004)
  }

  @Test func anotherOptimizerLeavesTheRateBehind() {
    var file = TrainingOptions()
    file.optimizer = "sgd"
    file.learningRate = 0.1
    file.momentum = 0.9
    file.epochs = 3
    var flags = TrainingOptions()
    flags.optimizer = "adam"
    let joined = flags.filled(from: file)
    #expect(joined.learningRate == nil && joined.momentum == nil && joined.epochs == 3)
    flags.optimizer = nil
    #expect(flags.filled(from: file) == file)
  }

  @Test func settingsAndOptionsAreTheSame() throws {
    for kind in TrainingOptions.optimizers {
      var options = TrainingOptions()
      options.optimizer = kind
      options.clipNorm = 2
      let settings = try options.resolve(defaultSeed: 3)
      let again = try TrainingOptions(settings).resolve(defaultSeed: 0)
      #expect(TrainingOptions(again) == TrainingOptions(settings))
      #expect(again.seed == 3)
    }
  }

  @Test func valuesOutOfRangeAreNamed() {
    #expect(complaint { $0.epochs = 0 } == "epochs: expected 1 to 1000000, found 0")
    #expect(complaint { $0.batchSize = -1 } == "batch_size: expected 1 to 65536, found -1")
    #expect(
      complaint { $0.learningRate = .nan }
        == "learning_rate: expected a number of at least 0, found nan")
    #expect(
      complaint { $0.validationFraction = 1 }
        == "validation_fraction: expected 0 to below 1, found 1.0")
    #expect(
      complaint { $0.scheduleEpochs = .min }
        == "schedule_epochs: expected 1 to 1000000, found -9223372036854775808")
    #expect(
      complaint { $0.schedule = .step(every: .max, factor: 0.5) }
        == "schedule.every: expected 1 to 1000000 epochs, found 9223372036854775807")
    #expect(complaint { $0.clipNorm = 0 } == "clip_norm: expected a number above 0, found 0.0")
    #expect(
      complaint { $0.momentum = 0.9 }
        == "momentum: expected the optimizer sgd or rmsprop beside it, found adam")
    #expect(
      complaint { $0.optimizer = "adam2" }
        == "optimizer: expected one of sgd, rmsprop, adagrad, adam, adamw, found adam2")
    #expect(
      complaint {
        $0.optimizer = "sgd"
        $0.momentum = 1.5
      } == "momentum: expected 0.0 to below 1.0, found 1.5")
  }
}
