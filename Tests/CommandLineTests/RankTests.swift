import Foundation
import TestSupport
import Testing

/// What a process does that a launcher of MPI has started, as far as that needs no other process.
@Suite struct RankTests {
  /// The variables of Open MPI's launcher, and a library that is not there.
  private static func variables(rank: Int, library: String) -> [String: String] {
    [
      "OMPI_COMM_WORLD_RANK": "\(rank)", "OMPI_COMM_WORLD_SIZE": "2", "MINICNN_MPI": library,
    ]
  }

  @Test func aRankThatCannotJoinSaysWhy() throws {
    let place = try Workplace()
    for rank in 0...1 {
      let outcome = try place.run(
        "train --model small.yaml --data data",
        environment: Self.variables(rank: rank, library: place("no-library.so")))
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("error: ") && outcome.errors.contains("no-library.so"))
    }
    #expect(try !place.names.contains("small.weights.h5"))
  }

  @Test(arguments: [0, 1]) func ofAMistypedCommandTheFirstRankComplainsAlone(rank: Int) throws {
    let place = try Workplace()
    let outcome = try place.run(
      "train --modle small.yaml",
      environment: Self.variables(rank: rank, library: place("no-library.so")))
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("--modle") == (rank == 0))
    #expect(outcome.errors.isEmpty == (rank == 1))
  }

  // Each would train the same by itself, and write the same files.
  @Test func processesOfAPlainSrunAreRefused() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "train --model small.yaml --data data",
      environment: ["SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "2"])
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    #expect(
      outcome.errors
        == "error: Slurm's srun has started 2 processes without MPI, so each would train by itself: join"
        + " them with srun --mpi=pmix, or train each alone with MINICNN_MPI=none\n")
    #expect(try !place.names.contains("small.weights.h5"))
  }

  @Test func ranksThatAreToStayAloneComplainAtOnce() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "train --modle small.yaml", environment: Self.variables(rank: 1, library: "none"))
    #expect(outcome.status == 64 && outcome.errors.contains("--modle"))
  }

  @Test func ranksThatAreToStayAloneTrainAlone() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "train --model small.yaml --data data --threads 2 --json --epochs 1",
      environment: Self.variables(rank: 1, library: "none"))
    #expect(outcome.status == 0)
    #expect(outcome.errors.hasPrefix("small: 188 parameters"))
    #expect(outcome.errors.contains("seed 3, 2 threads\n"))
    #expect(try outcome.jsonLines().map { $0["ranks"] as? Int } == [1])
  }
}
