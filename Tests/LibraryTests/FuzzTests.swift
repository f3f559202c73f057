import TestSupport
import Testing

/// A short pass of what `make fuzz` does for long: the readers meet changed files.
@Suite struct FuzzTests {
  @Test(arguments: [
    ("idx", 20_000), ("yaml", 4000), ("sweep", 10_000), ("runs", 20_000), ("csv", 20_000),
    ("npy", 20_000), ("npz", 10_000), ("cifar", 10_000), ("emnist", 20_000), ("netpbm", 20_000),
    ("keras", 3000), ("onnx", 4000),
    ("safetensors", 10_000), ("pictures", 1000), ("hdf5", 300), ("state", 100),
  ])
  func readersSurviveChangedFiles(target: String, count: Int) throws {
    let outcome = try Program("Fuzz").run(
      [target, "\(count)", "2026", Repository.path(".")], in: "/")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let words = outcome.output.split(separator: " ").compactMap { Int($0) }
    try #require(words.count == 3)
    #expect(words[0] == count && words[1] + words[2] == count)
    // Neither is everything refused nor is everything let through.
    #expect(words[1] > count / 100 && words[2] > count / 4, "\(outcome.output)")
  }
}
