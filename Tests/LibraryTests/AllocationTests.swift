import Testing
import TestSupport

@Suite struct AllocationTests {
  // On the real digits, as a user trains, on two threads.
  @Test(arguments: [
    "Models/lenet5", "Models/mnist-cnn", "Models/mlp", "Models/resnet-mini", "Models/digits-fast",
    "Models/digits-tiny", "Models/digits-best", "Models/fashion", "Tests/Golden/kinds",
  ])
  func aStepAllocatesNothing(model: String) throws {
    let outcome = try Program("StepAllocations").run(
      [Repository.path("\(model).yaml"), Repository.path("Datasets/mnist")], in: "/")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let zeros = Array(repeating: "0", count: 20).joined(separator: " ") + "\n"
    #expect(outcome.output == zeros || outcome.output == "not counted\n")
  }
}
