/// The environment variables by which a launcher of parallel programs (mpirun, srun, flux run and the like)
/// tells a process which of them it is. A program that a rank starts is no rank: it must not have them.
package enum LauncherVariables {
  /// How their names begin.
  package static let prefixes = [
    // Open MPI and its runtime; PMIx, by which Slurm and others start it too.
    "OMPI_", "OPAL_", "ORTE_", "PRTE_", "PMIX_",
    // MPICH, Intel MPI and MVAPICH, and the process managers they are started by.
    "PMI_", "PMI2_", "HYDI_", "HYDRA_", "MPI_", "MPIR_", "MPIEXEC_", "MV2_COMM_WORLD_", "MPICH_",
    // What Slurm says of a step and its tasks. What it says of the whole job stays.
    "SLURM_STEP", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_GTIDS", "SLURM_NTASKS",
    "SLURM_NPROCS", "SLURM_TASK", "SLURM_SRUN_", "SLURM_LAUNCH_", "SLURM_MPI_", "SLURM_PMI",
    "SLURM_DISTRIBUTION",
    // Flux, HPE's PALS and ALPS, IBM's jsrun.
    "FLUX_TASK_", "FLUX_JOB_", "FLUX_PMI", "PALS_", "ALPS_APP_", "JSM_",
  ]

  /// Whether a variable of this name is one of them.
  package static func isLauncherVariable(_ name: String) -> Bool {
    prefixes.contains { name.utf8.starts(with: $0.utf8) }
  }
}
