import Distribution
import NeuralNetwork
import Testing

/// Which launcher has started a process, as its variables tell.
@Suite struct LauncherTests {
  private func launcher(_ variables: [String: String]) throws(RanksError) -> Launcher? {
    try Launcher { variables[$0] }
  }

  @Test("A process without a launcher's variables is alone")
  func alone() throws {
    #expect(try launcher([:]) == nil)
    #expect(try launcher(["PATH": "/usr/bin", "OMP_NUM_THREADS": "4"]) == nil)
    // What a job script has that runs outside of srun, and a step of one task.
    #expect(try launcher(["SLURM_PROCID": "0", "SLURM_NTASKS": "8"]) == nil)
    #expect(try launcher(["SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"]) == nil)
  }

  @Test("Open MPI 4 and 5 say their ranks in OMPI_COMM_WORLD_SIZE, beside PMIX_RANK")
  func openMPI() throws {
    #expect(
      try launcher([
        "OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_RANK": "3", "PMIX_RANK": "3",
        "PMIX_NAMESPACE": "prterun-vm-10128@1",
      ]) == Launcher(name: "Open MPI's mpirun", count: 8, rank: 3, family: .openMPI))
  }

  @Test("MPICH and srun --mpi=pmi2 say them in PMI_SIZE")
  func mpich() throws {
    let ranks = ["PMI_SIZE": "2", "PMI_RANK": "1"]
    #expect(
      try launcher(ranks)
        == Launcher(name: "MPICH's mpirun", count: 2, rank: 1, family: .mpich))
    let slurm = ["SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"]
    #expect(
      try launcher(ranks.merging(slurm) { $1 })
        == Launcher(name: "Slurm's srun", count: 2, rank: 1, family: .mpich))
  }

  @Test("srun --mpi=pmix says the rank in PMIX_RANK and their number in a variable of Slurm")
  func slurmWithPMIx() throws {
    #expect(
      try launcher([
        "PMIX_RANK": "5", "SLURM_PROCID": "5", "SLURM_STEP_NUM_TASKS": "64",
      ]) == Launcher(name: "Slurm's srun", count: 64, rank: 5, family: .openMPI))
    #expect(
      try launcher(["PMIX_RANK": "5"])
        == Launcher(name: "a launcher with PMIx", count: nil, rank: 5, family: .openMPI))
  }

  @Test("mpirun inside of a job of Slurm is what counts")
  func nested() throws {
    // Its daemons are tasks of Slurm, one a machine.
    let daemons = ["SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "4"]
    let openMPI = ["OMPI_COMM_WORLD_SIZE": "32", "OMPI_COMM_WORLD_RANK": "9"]
    #expect(try launcher(openMPI.merging(daemons) { $1 })?.count == 32)
  }

  @Test("Several tasks that srun starts without MPI are refused")
  func plainSlurm() {
    #expect(
      throws: RanksError(
        "Slurm's srun has started 4 processes without MPI, so each would train by itself: join them with "
          + "srun --mpi=pmix, or train each alone with MINICNN_MPI=none")
    ) { try launcher(["SLURM_PROCID": "2", "SLURM_STEP_NUM_TASKS": "4"]) }
  }

  @Test(
    "A number that is none is named",
    arguments: [
      ("OMPI_COMM_WORLD_SIZE", "eight", "OMPI_COMM_WORLD_RANK"),
      ("PMI_SIZE", "0", "PMI_RANK"), ("PMI_SIZE", "99999999999999999999", "PMI_RANK"),
    ])
  func noNumber(name: String, value: String, other: String) {
    #expect(
      throws: RanksError("the launcher's variable \(name) is \"\(value)\", not a number")
    ) { try launcher([name: value, other: "0"]) }
  }
}
