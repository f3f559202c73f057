import Checkpoints
import Files
import Foundation
import ImageData
import NeuralNetwork
import Runs
import Testing
import TestSupport
import Training

/// What a resumed run accepts, and what becomes of its files.
@Suite struct ResumingTests {
  @Test func otherDataIsRefused() throws {
    let small = try SmallRun()
    try small.begin().train()
    let other = try SmallRun.images(96, seed: 2)
    let message = complaint {
      _ = try Run(resuming: small("small.weights.h5"), data: other, epochs: 3)
    }
    #expect(message.hasPrefix("squares: SHA-256 of images and labels: expected "))
    #expect(message.hasSuffix("; name the original data, or start anew from these weights"))
    #expect(
      complaint { _ = try Run(resuming: small("small.weights.h5"), epochs: 3) }
        == "\(small("small.weights.h5")): the state does not say where the data of its run is; name"
        + " the data")
  }

  @Test func dataInAFolderIsRememberedFromAnyFolder() throws {
    let small = try SmallRun()
    try FileManager.default.createDirectory(
      atPath: small("data"), withIntermediateDirectories: false)
    try small.data.withPixels {
      try IDXWriter.writeImages(
        Array($0), height: 8, width: 8, to: small("data/train-images-idx3-ubyte"))
    }
    try IDXWriter.writeLabels(
      small.data.labels ?? [], to: small("data/train-labels-idx1-ubyte"))
    try Run(
      model: SmallRun.model, data: DataFolder(small("data")), settings: small.settings,
      saving: small("a.weights.h5")
    ).train()
    let again = try Run(resuming: small("a.weights.h5"), epochs: 3)
    #expect(again.data?.paths == [small("data")])
    try again.train()
    // A set that was read from files knows them, a part of it does not.
    let set = try DataFolder(small("data")).load(.train)
    #expect(
      try LabelledData(set).paths
        == [small("data/train-images-idx3-ubyte"), small("data/train-labels-idx1-ubyte")])
    #expect(try LabelledData(set.prefix(50)).paths == [])
    try FileManager.default.removeItem(atPath: small("data"))
    #expect(
      complaint { _ = try Run(resuming: small("a.weights.h5"), epochs: 4) }
        == "\(small("data")): cannot open the data folder: no such file or directory;"
        + " \(small("a.weights.h5")) was trained on it; if it has moved, name the data")
  }

  @Test func aStateThatDoesNotNameItsDataGoesOnWithAWarning() throws {
    let small = try SmallRun()
    let trainer = try Trainer(SmallRun.model, settings: small.settings, data: small.data)
    try trainer.run { if case .epoch = $0 { .stop } else { .proceed } }
    var checkpoint = try Checkpoint(trainer)
    try checkpoint.save(to: small("known.weights.h5"))
    // As a trainer's checkpoints were before they kept the digest.
    checkpoint.state.basis.dataSHA256 = nil
    try checkpoint.save(to: small("small.weights.h5"))
    var warnings: [RunWarning] = []
    let run = try small.resume()
    try run.train { if case .warning(let warning) = $0 { warnings.append(warning) } }
    #expect(
      warnings.map(\.description) == [
        "\(small("small.weights.h5")) does not say what it was trained on, so it is not known"
          + " whether this is the same data"
      ])
    // From now on it does, as one that was saved with the digest.
    let other = try SmallRun.images(96, seed: 2)
    for name in ["small.weights.h5", "known.weights.h5"] {
      #expect(throws: RunError.self) {
        try Run(resuming: small(name), data: other, epochs: 3)
      }
    }
    let known = try small.resume("known.weights.h5")
    try known.train { if case .warning(let warning) = $0 { Issue.record("\(warning)") } }
  }

  @Test func aRunIsProlonged() throws {
    var small = try SmallRun()
    small.settings.schedule = Schedule(.cosine(final: 0.5), warmup: 0)
    try small.begin().train()
    var warnings: [RunWarning] = []
    let run = try small.resume(epochs: 4)
    #expect(run.settings.epochs == 4 && run.settings.scheduleEpochs == 2)
    try run.train { if case .warning(let warning) = $0 { warnings.append(warning) } }
    #expect(warnings == [.scheduleEnds(epochs: 2)])
    #expect(run.state.epoch == 4)
    #expect(
      complaint { _ = try small.resume(epochs: 3) }
        == "epochs: expected a total above the 4 that are done, found 3")
  }

  @Test func theTotalThatThereIsChangesNothing() throws {
    let small = try SmallRun()
    for (name, epochs) in [("a", nil), ("b", 2)] as [(String, Int?)] {
      try small.begin("\(name).weights.h5", options: RunOptions(maxSteps: 5)).train()
      let run = try small.resume("\(name).weights.h5", epochs: epochs)
      try run.train()
      #expect(run.settings.epochs == 2 && run.settings.scheduleEpochs == nil)
    }
    let states = try ["a", "b"].map {
      try Checkpoint(contentsOf: small("\($0).weights.h5")).stateSHA256()
    }
    #expect(states[0] == states[1])
  }

  @Test func aFinishedRunNeedsNoData() throws {
    let small = try SmallRun()
    try small.begin().train()
    let run = try Run(resuming: small("small.weights.h5"))
    #expect(run.isDone && run.data == nil && run.split == nil)
    #expect(try run.train().end == .finished)
  }

  @Test func filesOfAnotherRunAreNotReplacedUnasked() throws {
    let small = try SmallRun()
    try small.begin().train()
    try small.begin("other.weights.h5").train()
    let message =
      "\(small("other.weights.h5")): already exists; resume it, save to another file, or let it be"
      + " replaced"
    #expect(complaint { _ = try small.begin("other.weights.h5") } == message)
    #expect(
      complaint { _ = try small.resume(epochs: 3, saving: "other.weights.h5") } == message)
  }

  @Test func oneRunAtATimeHasAFile() throws {
    let small = try SmallRun()
    let run = try small.begin()
    #expect(
      complaint { _ = try small.begin() }
        == "\(small("small.weights.h5")): process \(getpid()) is writing to it; wait for it to end,"
        + " or name another file")
    withExtendedLifetime(run) {}
  }

  @Test func aRunThatHasStoppedLetsOthersGoOn() throws {
    let small = try SmallRun()
    let first = try small.begin()
    try first.train { if case .step = $0 { first.stop() } }
    // Nobody has touched its file yet.
    try first.train { if case .step = $0 { first.stop() } }
    let second = try small.resume()
    #expect(second.state.optimizer.step == 2)
    try second.train { if case .step = $0 { second.stop() } }
    #expect(
      complaint { try first.train() }
        == "\(small("small.weights.h5")): another run has been saved to it since this one stopped;"
        + " resume from the state that is there")
    #expect(try second.train().end == .finished)
  }

  @Test func aPathIsAFileAndNotAText() throws {
    let small = try SmallRun()
    try small.begin().train()
    let path = small("small.weights.h5")
    try FileManager.default.createSymbolicLink(
      atPath: small("link.weights.h5"), withDestinationPath: path)
    let folder = try #require(small.folder?.path.split(separator: "/").last)
    for name in ["./small.weights.h5", "../\(folder)/small.weights.h5"] {
      #expect(try small.resume(epochs: 3, saving: name).hasSavedState, "\(name)")
    }
    #expect(try small.resume(epochs: 3, saving: "link.weights.h5").hasSavedState)
    #expect(isSameFile(small("none"), small("./none")))
    #expect(!isSameFile(small("none"), small("nothing")))
    #expect(!isSameFile(path, small("none")))
  }

  /// Validation is best in the first epoch, as nothing is learnt.
  private func withBest() throws -> SmallRun {
    var small = try SmallRun()
    small.settings.learningRate = 0
    small.settings.validationFraction = 0.25
    return small
  }

  @Test func theBestOfAnotherRunIsNotTakenForOnesOwn() throws {
    var small = try withBest()
    small.settings.validationFraction = 0
    try small.begin("a.weights.h5").train()
    small.settings.validationFraction = 0.25
    small.settings.seed = 9
    try small.begin("b.weights.h5").train()
    #expect(WholeFile.exists(small("b.best.weights.h5")))
    let outcome = try small.resume(
      "a.weights.h5", epochs: 3, saving: "b.weights.h5", options: RunOptions(replacesExisting: true)
    ).train()
    #expect(outcome.best == nil && outcome.bestFile == nil)
    #expect(!WholeFile.exists(small("b.best.weights.h5")))
  }

  @Test func theBestGoesAlongToAnotherFile() throws {
    let small = try withBest()
    try small.begin("a.weights.h5").train()
    let best = try WholeFile.read(small("a.best.weights.h5"))
    // In the place of another run's.
    var other = small
    other.settings.seed = 9
    try other.begin("b.weights.h5").train()
    let outcome = try small.resume(
      "a.weights.h5", epochs: 3, saving: "b.weights.h5", options: RunOptions(replacesExisting: true)
    ).train()
    #expect(outcome.best?.epoch == 1 && outcome.bestFile == small("b.best.weights.h5"))
    #expect(try WholeFile.read(small("b.best.weights.h5")) == best)
  }

  @Test func theBestThatGoesAlongIsTheOneThatWasFound() throws {
    let small = try withBest()
    try small.begin("a.weights.h5").train()
    let best = try WholeFile.read(small("a.best.weights.h5"))
    let replaced = try small.resume("a.weights.h5", epochs: 3, saving: "b.weights.h5")
    // Only b is held: another run may begin in a, with a best state of its own.
    var other = small
    other.settings.seed = 9
    try other.begin("a.weights.h5", options: RunOptions(replacesExisting: true)).train()
    #expect(try WholeFile.read(small("a.best.weights.h5")) != best)
    #expect(try replaced.train().bestFile == small("b.best.weights.h5"))
    #expect(try WholeFile.read(small("b.best.weights.h5")) == best)
    let removed = try small.resume("b.weights.h5", epochs: 4, saving: "c.weights.h5")
    try FileManager.default.removeItem(atPath: small("b.best.weights.h5"))
    #expect(try removed.train().bestFile == small("c.best.weights.h5"))
    #expect(try WholeFile.read(small("c.best.weights.h5")) == best)
  }

  @Test(arguments: [1e-4, 0.01] as [Float])
  func theBestOfARunThatDiffersInItsSettingsOrStartGoes(rate: Float) throws {
    var small = try withBest()
    small.settings.learningRate = 0.01
    try small.begin("a.weights.h5").train()
    // Stopped before the end of an epoch, it has no history to tell it by, only settings.
    small.settings.learningRate = rate
    try small.begin("b.weights.h5", options: RunOptions(maxSteps: 3)).train()
    let run = try small.resume(
      "b.weights.h5", saving: "a.weights.h5",
      options: RunOptions(replacesExisting: true, maxSteps: 4))
    #expect(try run.train().bestFile == nil)
    #expect(!WholeFile.exists(small("a.best.weights.h5")))
  }

  @Test func anotherRunTakesAllFilesOfTheOneItReplaces() throws {
    var small = try SmallRun()
    let kept = (1...2).map { small("small.\($0).weights.h5") }
    try small.begin(options: RunOptions(saveEvery: .steps(4), keep: 2)).train()
    #expect(kept.allSatisfy(WholeFile.exists))
    let first = try small.begin(
      "other.weights.h5", options: RunOptions(saveEvery: .steps(4), keep: 1))
    try first.train()
    small.settings.seed = 9
    let run = try small.begin(options: RunOptions(keep: 2, replacesExisting: true))
    // Until it is saved, nothing is gone.
    #expect(kept.allSatisfy(WholeFile.exists))
    try run.train { if case .saved = $0 { run.stop() } }
    #expect(!kept.contains(where: WholeFile.exists))
    let file = small("small.weights.h5")
    try AtomicFile.write(Array("broken".utf8), to: file)
    #expect(
      complaint { _ = try small.resume() }.hasPrefix("\(file): "))
    #expect(!complaint { _ = try small.resume() }.contains("is whole"))
    // One that goes on in another place, likewise.
    try small.begin("c.weights.h5", options: RunOptions(maxSteps: 8)).train()
    let moved = try small.resume(
      "c.weights.h5", saving: "other.weights.h5",
      options: RunOptions(keep: 1, replacesExisting: true, maxSteps: 9))
    try moved.train()
    #expect(!WholeFile.exists(small("other.1.weights.h5")))
  }

  @Test func aStateThatIsKeptIsNotLeftToAnotherRunUnasked() throws {
    let small = try SmallRun()
    try small.begin(options: RunOptions(keep: 1)).train()
    try FileManager.default.removeItem(atPath: small("small.weights.h5"))
    let message =
      "\(small("small.1.weights.h5")): already exists; resume it, save to another file, or let it be"
      + " replaced"
    #expect(complaint { _ = try small.begin() } == message)
    // Its own run goes on from it.
    let run = try small.resume("small.1.weights.h5", saving: "small.weights.h5")
    #expect(try run.train().steps == 12)
    #expect(WholeFile.exists(small("small.1.weights.h5")))
  }

  @Test func statesOfOnesOwnStayWhereOneIsGoneBackTo() throws {
    let small = try SmallRun()
    // All in the first epoch, so that no history tells whose they are.
    try small.begin(options: RunOptions(saveEvery: .steps(1), keep: 2, maxSteps: 4)).train()
    let kept = (1...2).map { small("small.\($0).weights.h5") }
    let before = try kept.map { try WholeFile.read($0) }
    try AtomicFile.write(Array("broken".utf8), to: small("small.weights.h5"))
    let options = RunOptions(keep: 2, replacesExisting: true, maxSteps: 4)
    try small.resume("small.1.weights.h5", saving: "small.weights.h5", options: options).train()
    #expect(try kept.map { try WholeFile.read($0) } == before)
  }

  @Test func theBestStaysWhereTheStateBeforeIsGoneBackTo() throws {
    let small = try withBest()
    try small.begin(options: RunOptions(keep: 1)).train()
    let best = try WholeFile.read(small("small.best.weights.h5"))
    let outcome = try small.resume(
      "small.1.weights.h5", saving: "small.weights.h5", options: RunOptions(replacesExisting: true)
    ).train()
    #expect(outcome.bestFile == small("small.best.weights.h5"))
    #expect(try WholeFile.read(small("small.best.weights.h5")) == best)
  }

  @Test func mirroredImagesAreDoubted() throws {
    var small = try SmallRun()
    small.settings.augmentation.flip = .horizontal
    var warnings: [String] = []
    try small.begin().train { if case .warning(let warning) = $0 { warnings.append("\(warning)") } }
    #expect(
      warnings.first
        == "augmentation: flip=horizontal: nothing says what the classes are; a mirrored shirt is a"
        + " shirt, but a mirrored 2 is no digit")
    warnings = []
    let named = try LabelledData(
      small.data, classNames: ClassNames(["hat", "shoe", "sock", "tie"]))
    let run = try Run(
      model: SmallRun.model, data: named, settings: small.settings, saving: small("n.weights.h5"))
    try run.train { if case .warning(let warning) = $0 { warnings.append("\(warning)") } }
    #expect(warnings.allSatisfy { !$0.contains("flip") })
    #expect(run.classNames == ["hat", "shoe", "sock", "tie"])
  }
}
