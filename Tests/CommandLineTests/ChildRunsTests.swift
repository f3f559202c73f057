import MiniCNN
import Testing

@testable import CommandLineTool

/// What a process of its own is told of its run.
@Suite struct ChildRunsTests {
  private func task(
    _ place: Workplace, data: LabelledData, validation: LabelledData? = nil,
    resumedFrom step: Int? = nil, options: RunOptions
  ) throws -> RunTask {
    let model = try ModelFile(contentsOf: place("small.yaml"))
    return RunTask(
      title: "a run", model: model, modelFile: "small.yaml",
      settings: try model.training.resolve(defaultSeed: 0), data: data,
      validation: validation, file: "a.weights.h5", resumedFrom: step, options: options,
      abandonedAfter: nil)
  }

  @Test func everyOptionIsPassedOn() throws {
    let place = try Workplace()
    let folder = try LabelledData(DataFolder(place("data")), split: .train)
    let options = RunOptions(
      saveEvery: .time(.seconds(30)), keep: 2, replacesExisting: true, maxSteps: 7, threads: 3)
    #expect(
      ChildRuns.flags(try task(place, data: folder, options: options)) == [
        "--model=small.yaml", "--seed=3", "--checkpoint=a.weights.h5", "--data=\(place("data"))",
        "--overwrite", "--checkpoint-every=30s", "--keep=2", "--max-steps=7", "--threads=3",
      ])
    #expect(
      ChildRuns.flags(try task(place, data: folder, resumedFrom: 5, options: RunOptions()))
        == ["--resume=a.weights.h5", "--data=\(place("data"))"])
    #expect(
      ChildRuns.flags(try task(place, data: folder, validation: folder, options: RunOptions()))
        .suffix(2) == ["--data=\(place("data"))", "--validation-data=\(place("data"))"])
    let (images, labels) = (
      place("data/t10k-images-idx3-ubyte"), place("data/t10k-labels-idx1-ubyte")
    )
    let pair = try LabelledData(paths: [images, labels], split: .validation)
    #expect(
      ChildRuns.flags(try task(place, data: folder, validation: pair, options: RunOptions()))
        .suffix(2) == ["--validation-images=\(images)", "--validation-labels=\(labels)"])
  }

  @Test func dataInMemoryIsNoneThatAProcessCouldRead() async {
    await #expect(processExitsWith: .failure) {
      let place = try Workplace()
      let set = try DataFolder(place("data")).load(.train).prefix(50)
      let task = try ChildRunsTests().task(
        place, data: try LabelledData(set), options: RunOptions())
      _ = ChildRuns.flags(task)
    }
  }
}
