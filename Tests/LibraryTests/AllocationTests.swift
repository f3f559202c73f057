import Testing
import TestSupport

@Suite struct AllocationTests {
  // On the real digits, as a user trains, on two threads.
  @Test(arguments: [
    "lenet5", "mnist-cnn", "mlp", "resnet-mini", "digits-fast", "digits-tiny",
    "digits-best", "fashion",
  ])
  func aStepAllocatesNothing(model: String) throws {
    try Self.expectNone(Repository.path("Models/\(model).yaml"))
  }

  @Test func norDoesOneOfOtherLayers() throws {
    try Self.expectNone(Repository.path("Tests/Golden/layers.yaml"))
  }

  private static func expectNone(_ model: String) throws {
    let outcome = try Program("StepAllocations").run(
      [model, Repository.path("Datasets/mnist")], in: "/")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let zeros = Array(repeating: "0", count: 20).joined(separator: " ") + "\n"
    #expect(outcome.output == zeros || outcome.output == "not counted\n")
  }
}
