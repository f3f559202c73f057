import Checkpoints
import Files
import Foundation
import ImageData
import NeuralNetwork
import TestSupport
import Testing
import Training

/// A state of any version up to this one is read for ever, and one of a newer version is named.
///
/// `Fixtures/state-N.weights.h5` is ``SmallRun`` as the last code of version N wrote it; before a
/// version becomes an old one, `MINICNN_WRITE_FIXTURES=version` has a test here write it.
/// `Fixtures/release-V.weights.h5` is a run with all that release V could keep, as `make record-release` writes
/// it before the release.
@Suite struct VersionTests {
  private static func fixture(_ version: Int64) -> String {
    Repository.path("Tests/CheckpointsTests/Fixtures/state-\(version).weights.h5")
  }

  @Test(arguments: 1...Checkpoint.formatVersion)
  func everyVersionIsReadAndGoesOn(version: Int64) throws {
    let checkpoint = try Checkpoint(contentsOf: Self.fixture(version))
    let state = checkpoint.state
    #expect(checkpoint.model.spec == SmallRun.model)
    #expect(checkpoint.classNames == ["even", "odd"])
    #expect(checkpoint.data?.paths == ["ten"])
    #expect(checkpoint.data?.sha256 == (try SmallRun.data()).sha256)
    #expect(checkpoint.settings.seed == 5 && checkpoint.settings.weightAverage == 0.0625)
    #expect(state.epoch == 1 && state.batch == 1 && state.optimizer.step == 3)
    #expect(state.running.samples == 4 && state.running.correct <= 4)
    #expect(state.history.count == 1 && state.history[0].learningRate == 0.5)
    #expect(state.history[0].validationAccuracy != nil && state.best == state.history[0])
    #expect(
      state.network.weightsSHA256
        == "2c5b977dfd54b06381434e639b760ad77bc785ba3f30d2c946748ea231ebe4ac")
    #expect(
      checkpoint.network.weightsSHA256
        == "a821f277fce41ccbfb76e813fd3062b7f6715863e83a8b3dad7a3c52c8a1094f")

    let trainer = try Trainer(
      state, settings: checkpoint.settings, data: try SmallRun.data(), threads: 2)
    try trainer.run { _ in .stop }
    #expect(trainer.state.optimizer.step == 4)
    #expect(
      trainer.state.network.weightsSHA256
        == "8ad32dccd50527814c5d49617ccee2ba5eb25cecae3389671602c3db30c5a1cf")
    #expect(
      trainer.state.averagedNetwork.weightsSHA256
        == "e2d46216a175fc8d6344981cdd083a61f5d10bd22e2be6016658da0903b58449")
  }

  @Test(
    arguments: [
      (2, "at most 1, the newest that this minicnn knows", "a newer minicnn wrote this file"),
      (999, "at most 1, the newest that this minicnn knows", "a newer minicnn wrote this file"),
      (.max, "at most 1, the newest that this minicnn knows", "a newer minicnn wrote this file"),
      (0, "a version from 1", "no minicnn wrote this file"),
      (-1, "a version from 1", "no minicnn wrote this file"),
    ] as [(Int64, String, String)])
  func anotherVersionIsNamed(version: Int64, expected: String, hint: String) throws {
    var arrays = try HDF5Arrays(image: try WholeFile.read(Self.fixture(1)))
    let number = try #require(arrays.index(of: "/minicnn/format_version"))
    arrays.set(0, ofArray: number, bits: UInt64(bitPattern: version))
    let image = try arrays.image()
    let error = #expect(throws: FileError.self) {
      try Checkpoint(image: image, path: "a.weights.h5")
    }
    #expect(
      error?.description
        == "a.weights.h5: /minicnn/format_version: expected \(expected), found \(version); \(hint)")
  }

  private static func fixture(release: String) -> String {
    Repository.path("Tests/CheckpointsTests/Fixtures/release-\(release).weights.h5")
  }

  @Test(arguments: [
    (
      "1.0.0", "0089f39375f0cefcd7354378cd64b4aff137ac274c279567bf1147b48dfc0b3d",
      "8274957222775611bdae7b06f46913c4140d4ae0801276284a3765c1cbcfed33"
    )
  ])
  func everyReleaseIsReadAndGoesOn(release: String, state: String, after: String) throws {
    let checkpoint = try Checkpoint(contentsOf: Self.fixture(release: release))
    let settings = checkpoint.settings
    #expect(checkpoint.model.spec == SmallRun.model && checkpoint.classNames == ["even", "odd"])
    #expect(checkpoint.data?.paths == ["ten"] && checkpoint.validation?.paths == ["two"])
    #expect(settings.metrics == MetricList([F1(), MeanAbsoluteError()]))
    #expect(settings.monitor == .metric(TopKAccuracy(k: 1)))
    #expect(checkpoint.state.history.count == 1 && checkpoint.state.average != nil)
    #expect(try checkpoint.stateSHA256() == state)

    let trainer = try Trainer(
      checkpoint.state, settings: settings, data: try SmallRun.data(),
      validation: try SmallRun.validation(), threads: 2)
    try trainer.run { _ in .stop }
    #expect(trainer.state.optimizer.step == 4)
    #expect(trainer.state.network.weightsSHA256 == after)
  }

  @Test func thisReleaseHasAFixture() {
    #expect(WholeFile.exists(Self.fixture(release: LibraryVersion.current)))
  }

  private static let written = ProcessInfo.processInfo.environment["MINICNN_WRITE_FIXTURES"]

  @Test(.enabled(if: written == "version")) func writeTheVersionsFixture() throws {
    try SmallRun.checkpoint().save(to: Self.fixture(Checkpoint.formatVersion))
  }

  @Test(.enabled(if: written == "release")) func writeTheReleasesFixture() throws {
    try SmallRun.fullCheckpoint().save(to: Self.fixture(release: LibraryVersion.current))
  }
}
