import Platform
import Testing

@Suite struct LauncherVariablesTests {
  @Test(arguments: [
    "OMPI_COMM_WORLD_RANK", "OMPI_MCA_orte_hnp_uri", "PMIX_RANK", "PMIX_SERVER_URI21", "PMI_RANK",
    "PMI_FD", "PMI2_RANK", "HYDI_CONTROL_FD", "MPI_LOCALRANKID", "SLURM_PROCID", "SLURM_LOCALID",
    "SLURM_STEP_ID", "SLURM_STEPID", "SLURM_NTASKS", "SLURM_TASKS_PER_NODE", "SLURM_GTIDS",
    "FLUX_TASK_RANK", "PALS_RANKID", "MV2_COMM_WORLD_RANK",
  ]) func whatMakesARankIsOne(name: String) {
    #expect(LauncherVariables.isLauncherVariable(name))
  }

  @Test(arguments: [
    "PATH", "HOME", "OMP_NUM_THREADS", "SLURM_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_CPUS_PER_TASK",
    "SLURM_SUBMIT_DIR", "MINICNN_KERNELS", "JOB_COMPLETION_INDEX", "XPMI_RANK", "pmi_rank", "",
  ]) func whatPeopleSetIsNone(name: String) {
    #expect(!LauncherVariables.isLauncherVariable(name))
  }
}
