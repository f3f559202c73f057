import NeuralNetwork

/// The program that has started this process as one of several, as the variables that it sets tell.
package struct Launcher: Equatable, Sendable {
  /// What a launcher and a library must have in common to find each other.
  package enum Family: Sendable { case openMPI, mpich }

  /// As a sentence names it.
  package let name: String
  /// The processes that it has started; `nil` where it does not say.
  package let count: Int?
  /// The number of this process among them, from 0.
  package let rank: Int
  /// Whose library it is most likely made for.
  package let family: Family

  package init(name: String, count: Int?, rank: Int, family: Family) {
    (self.name, self.count, self.rank, self.family) = (name, count, rank, family)
  }

  /// The launcher that asks for MPI; `nil` where there is none: the process is alone.
  ///
  /// One launcher may run inside what another has started (`mpirun` in a job of Slurm), so the variables of
  /// those that start ranks of MPI count before those of Slurm.
  ///
  /// - Parameter variable: the value of an environment variable.
  /// - Throws: where a number is none, and where Slurm has started several processes without MPI: each
  ///   would train by itself and write the same files.
  package init?(_ variable: (String) -> String?) throws(RanksError) {
    /// The rank and the number of ranks in two variables, where both are set.
    func place(_ rank: String, of count: String) throws(RanksError) -> (rank: Int, count: Int)? {
      guard let rank = try number(rank, from: 0, variable),
        let count = try number(count, from: 1, variable)
      else { return nil }
      return (rank, count)
    }
    let slurm = try place("SLURM_PROCID", of: "SLURM_STEP_NUM_TASKS")
    if let ranks = try place("OMPI_COMM_WORLD_RANK", of: "OMPI_COMM_WORLD_SIZE") {
      self.init(
        name: "Open MPI's mpirun", count: ranks.count, rank: ranks.rank, family: .openMPI)
    } else if let ranks = try place("PMI_RANK", of: "PMI_SIZE") {
      // MPICH's mpirun and srun --mpi=pmi2 set the same ones.
      self.init(
        name: slurm == nil ? "MPICH's mpirun" : "Slurm's srun", count: ranks.count,
        rank: ranks.rank, family: .mpich)
    } else if let rank = try number("PMIX_RANK", from: 0, variable) {
      // PMIx tells the number of ranks only to who calls it.
      self.init(
        name: slurm == nil ? "a launcher with PMIx" : "Slurm's srun", count: slurm?.count,
        rank: rank, family: .openMPI)
    } else if let slurm, slurm.count > 1 {
      throw RanksError(
        "Slurm's srun has started \(slurm.count) processes without MPI, so each would train by itself: "
          + "join them with srun --mpi=pmix, or train each alone with MINICNN_MPI=none")
    } else {
      return nil
    }
  }
}

private func number(
  _ name: String, from least: Int, _ variable: (String) -> String?
) throws(RanksError) -> Int? {
  guard let text = variable(name) else { return nil }
  guard let number = Int(text), number >= least else {
    throw RanksError("the launcher's variable \(name) is \(text.debugDescription), not a number")
  }
  return number
}
