import Files
import NeuralNetwork
import Platform

/// What a process runs: the ranks of a run must all run the same, or their bits would differ.
enum RankIdentity {
  /// The program and the arithmetic of this process.
  static func facts() throws(FileError) -> [RankReport.Fact] {
    [
      RankReport.Fact("program", "the SHA-256 \(try executableSHA256())"),
      RankReport.Fact("arithmetic", arithmetic(of: PeakRate.instructionSet)),
    ]
  }

  /// What loops of an instruction set compute; those with a fused multiply-add all come to the same bits.
  static func arithmetic(of instructionSet: String) -> String {
    ["x86-64-v3", "x86-64-v4", "neon"].contains(instructionSet)
      ? "fused multiply-add" : instructionSet
  }

  private static func executableSHA256() throws(FileError) -> String {
    SHA256.digest(try WholeFile.read(executablePath)).hexadecimal
  }
}
