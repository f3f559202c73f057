import Testing
import TestSupport

@Suite struct AllocationTests {
  // On the real digits, as a user trains, on two threads.
  @Test(arguments: [
    "Models/lenet5", "Models/mnist-cnn", "Models/mlp", "Models/resnet-mini", "Models/digits-fast",
    "Models/digits-tiny", "Models/digits-best", "Models/fashion", "Tests/Golden/kinds",
    "Tests/Golden/layers",
  ])
  func aStepAllocatesNothing(model: String) throws {
    try expectNone(of: Repository.path("\(model).yaml"))
  }

  // The ranks are threads here: what MPI asks for, it asks for by itself.
  @Test(arguments: ["mnist-cnn", "resnet-mini"], [2, 3])
  func aStepOnRanksAllocatesNothing(model: String, ranks: Int) throws {
    try expectNone(of: Repository.path("Models/\(model).yaml"), ranks: ranks)
  }

  // More outputs than a small buffer on the stack holds.
  @Test(arguments: ["binary_cross_entropy", "mae", "huber", "cross_entropy"])
  func whatChangesTargetsAllocatesNothing(loss: String) throws {
    let folder = try TemporaryFolder()
    let text = """
      name: targets
      input: [28, 28, 1]
      layers: [flatten, dense: {units: 16}, batch_norm, relu, dense: {units: 400}]
      training: {loss: \(loss), mixup: 0.3, label_smoothing: 0.1, class_weights: balanced, batch_size: 48, limit: 3000}

      """
    try expectNone(of: try folder.write("targets.yaml", Array(text.utf8)))
  }

  private func expectNone(of model: String, ranks: Int = 1) throws {
    let outcome = try Program("StepAllocations").run(
      [model, Repository.path("Datasets/mnist"), "\(ranks)"], in: "/")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let zeros = Array(repeating: "0", count: 20).joined(separator: " ") + "\n"
    #expect(outcome.output == zeros || outcome.output == "not counted\n")
  }
}
