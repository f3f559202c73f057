import Checkpoints
import Files
import NeuralNetwork
import TestSupport
import Testing
import Training

/// Checkpoints without what only a resumed run needs.
@Suite struct ForUseTests {
  private func saved(_ checkpoint: Checkpoint) throws -> Checkpoint {
    let folder = try TemporaryFolder()
    try checkpoint.save(to: folder("a.weights.h5"))
    return try Checkpoint(contentsOf: folder("a.weights.h5"))
  }

  @Test func oneSetOfWeightsAndNoMemoryAreKept() throws {
    let whole = try SmallRun.fullCheckpoint()
    #expect(whole.state.average != nil && !whole.state.isForUse)
    let average = try saved(whole.forUse())
    #expect(average.state.isForUse && average.state.optimizer.slots.isEmpty)
    #expect(average.state.average == nil)
    #expect(average.network.variables == whole.state.averagedNetwork.variables)
    #expect(average.state.optimizer.step == whole.state.optimizer.step)
    #expect(
      average.state.history == whole.state.history && average.settings.seed == whole.settings.seed)
    #expect(average.classNames == whole.classNames && average.data?.sha256 == whole.data?.sha256)
    #expect(whole.data?.paths.isEmpty == false && average.data?.paths == [])
    #expect(whole.validation?.paths.isEmpty == false && average.validation?.paths == [])
    #expect(try average.stateSHA256() == (try whole.forUse().stateSHA256()))
    let last = try saved(whole.forUse(averaged: false))
    #expect(last.network.variables == whole.state.network.variables)
    #expect(last.network.variables != average.network.variables)
    // Once more it is the same.
    #expect(try saved(average.forUse()).stateSHA256() == (try average.stateSHA256()))
  }

  @Test func noRunGoesOnFromThem() throws {
    let state = try SmallRun.fullCheckpoint().forUse().state
    func trainer(restarts: Bool) throws -> Trainer {
      try Trainer(
        state, settings: SmallRun.settings, data: try SmallRun.data(),
        threads: 1, restartsOptimizer: restarts)
    }
    #expect(
      TestSupport.complaint { _ = try trainer(restarts: false) }
        == "state: expected one with the optimizer's memory, found one exported for use")
  }

  @Test func aFileThatSaysSomethingElseIsRefused() throws {
    let image = try SmallRun.fullCheckpoint().forUse().image("a.weights.h5")
    var arrays = try HDF5Arrays(image: image)
    let number = try #require(arrays.index(of: "/minicnn/use"))
    arrays.entries[number].values = .texts(["fun"])
    let changed = try arrays.image()
    let error = #expect(throws: FileError.self) {
      try Checkpoint(image: changed, path: "a.weights.h5")
    }
    #expect(
      error?.description == "a.weights.h5: /minicnn/use: expected predictions, found \"fun\"")
  }
}
