import Platform

/// A process that a launcher has started as a rank, and that has not joined the others.
package enum UnjoinedRank {
  /// Has MPICH's `mpirun` end the others, which would wait for this one, with an exit code; called last, as this
  /// process may be ended too. Open MPI's does so where a process ends with an error.
  ///
  /// Waits half a second before that: a launcher that ends a job drops what its processes have just said, and Open
  /// MPI 5's can wait for ever where it does so while another process is about to join.
  ///
  /// The word is one of PMI 1, which MPICH's launcher speaks over a socket that its processes inherit; Slurm's
  /// `srun` speaks PMI 2.
  package static func endOthers(_ code: Int32) {
    guard let launcher = try? Launcher(environmentVariable) else { return }
    usleep(500_000)
    guard launcher.family == .mpich, environmentVariable("SLURM_STEP_NUM_TASKS") == nil,
      let descriptor = environmentVariable("PMI_FD").flatMap({ Int32($0) })
    else { return }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    let word = Array("cmd=abort exitcode=\(code)\n".utf8)
    word.withUnsafeBytes { try? writeFully(descriptor, $0) }
  }
}
