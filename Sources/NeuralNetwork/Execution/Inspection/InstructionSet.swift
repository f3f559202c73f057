import CKernels

/// The loops in use, which depend on the processor and on `MINICNN_KERNELS`.
package enum InstructionSet {
  /// "x86-64-v4", "x86-64-v3", "neon", "baseline" or "plain".
  package static var name: String { String(cString: mc_instruction_set()) }

  /// How the loops round and in which order they add, in a few words that a message can quote.
  ///
  /// Processes in which it is the same come to the same bits, whatever their processors; those in which it
  /// differs do not. It is `fused` on every x86-64 with AVX2 and FMA and on every 64-bit ARM. Where nobody
  /// has looked, on processors of other kinds, it holds the word "unknown".
  package static var arithmetic: String { String(cString: mc_arithmetic()) }

  /// The arithmetic of every processor that multiplies and adds at once, whose bits are recorded in the
  /// repository.
  package static let fused = "fused"
}
