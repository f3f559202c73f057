import TestSupport
import Testing

/// A short pass of what `make fuzz-hdf5` does for long: the C meets changed files, false answers, and
/// a system that refuses to confine a process.
@Suite struct CHDF5FuzzTests {
  private func run(_ mode: String, _ count: Int) throws -> (status: Int32, lines: [Substring]) {
    let seeds = [
      "HDF5Tests/Fixtures/foreign.h5", "HDF5Tests/Fixtures/every-kind.h5",
      "CheckpointsTests/Fixtures/keras-sequential.weights.h5",
    ].map { Repository.path("Tests/\($0)") }
    let outcome = try Program("FuzzHDF5").run([mode, "\(count)", "2026"] + seeds, in: "/")
    #expect(outcome.status == 0, "\(outcome.errors)")
    return (outcome.status, outcome.output.split(separator: "\n"))
  }

  @Test(arguments: [("confined", 600), ("here", 1000)])
  func changedFilesAreReadOrRefused(mode: String, count: Int) throws {
    let lines = try run(mode, count).lines
    let numbers = try #require(lines.first).split { !$0.isNumber }.compactMap { Int($0) }
    try #require(lines.count == 1 && numbers.count >= 4)
    #expect(lines[0].hasPrefix("\(mode): \(count) inputs, "))
    // Neither is everything refused nor is everything let through, and crashes are rare.
    #expect(numbers[1] > count / 4 && numbers[2] > count / 4 && numbers[3] < count / 50)
  }

  @Test func falseAnswersAreRefused() throws {
    #expect(try run("answers", 2000).lines == ["answers: 2000 conversations"])
  }

  @Test func theLibraryAndTheChildrenOfAProgramStayItsOwn() throws {
    #expect(try run("host", 1).lines == ["host: nothing changed"])
  }

  #if os(Linux)
    @Test func nothingIsReadWhereTheConfinementFails() throws {
      #expect(
        try run("refuse", 1).lines == [
          "confine the process that reads it (measure its memory in /proc/self/statm)",
          "confine the process that reads it (limit its memory)",
          "confine the process that reads it (drop its privileges)",
          "confine the process that reads it (drop its privileges)",
          "confine the process that reads it (filter its system calls)",
        ])
    }
  #endif
}
