import Files
import NeuralNetwork
import Platform

/// What a process runs: the ranks of a run must all run the same, or their bits would differ.
enum RankIdentity {
  /// The program and the arithmetic of this process.
  static func facts() throws(FileError) -> [RankReport.Fact] {
    [
      RankReport.Fact("program", "the SHA-256 \(try executableSHA256.get())"),
      RankReport.Fact("arithmetic", InstructionSet.arithmetic),
    ]
  }

  private static let executableSHA256 = Result { () throws(FileError) in
    let file = try RegularFile(executablePath)
    var digest = SHA256()
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { piece.deallocate() }
    while true {
      let count = try file.read(into: piece)
      guard count > 0 else { return digest.finalize().hexadecimal }
      digest.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
    }
  }
}
