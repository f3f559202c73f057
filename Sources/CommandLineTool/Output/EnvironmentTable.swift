import Reports

/// The variables of the environment that a user may set, as help and the manual list them.
enum EnvironmentTable {
  /// A line for each, or more of them.
  static func lines(columns: Int) -> [String] {
    let indent = 2 + (variables.map(\.name.count).max() ?? 0)
    return variables.flatMap { name, meaning in
      Format.wrapped(meaning, to: columns - indent).enumerated().map { number, line in
        Format.left(number == 0 ? name : "", indent) + line
      }
    }
  }

  static let variables: [(name: String, meaning: String)] = [
    (
      Installation.homeVariable,
      "A folder with Models and Datasets, looked into first for models and data that are given by name."
    ),
    (
      "MINICNN_KERNELS",
      "The loops to compute with, where they are to be lesser ones than the processor has: plain, baseline"
        + " or x86-64-v3."
    ),
    ("MINICNN_WINOGRAD", "off: convolutions are computed without Winograd's algorithm."),
    (
      "MINICNN_MPI",
      "The library of MPI to use, a file; none: each process that a launcher starts works alone."
    ),
    (
      "MINICNN_MPI_TIMEOUT",
      "How many seconds an exchange between processes may stand still (default: 60)."
    ),
    ("CC", "The compiler that export checks a C file with."),
    ("COLUMNS", "How wide help and tables may be."),
    ("TMPDIR", "Where temporary folders are made (default: /tmp)."),
  ]
}
