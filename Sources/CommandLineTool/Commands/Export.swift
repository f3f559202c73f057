import ArgumentParser
import Files
import MiniCNN

/// A checkpoint without what only a resumed run needs.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a trained model without what only a resumed run needs.",
    discussion: """
      EXAMPLES
        minicnn export lenet5.weights.h5 trained.weights.h5
        minicnn export lenet5.weights.h5 trained.weights.h5 --overwrite --json

      The new file has one set of weights and no memory of an optimizer: a third of the checkpoint's \
      size with adam, a quarter where the run kept an average of its weights. It says which data the \
      run had (its SHA-256), but not in which folder, so evaluate wants --data. evaluate, predict, \
      inspect, compare and train --init read it as they read a checkpoint; train --resume does not.

      JSON: file, bytes, weights (average or last).
      """)

  @Argument(help: "The checkpoint.", completion: .checkpoint) var file: String
  @Argument(help: "The file to write.", completion: .checkpoint) var output: String
  @OptionGroup var weightsFlag: WeightsFlag
  @Flag(help: "Replace the file if there is one.") var overwrite = false
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let checkpoint = try Checkpoint(contentsOf: file)
    // Throws where an average is asked for that there is not.
    _ = try weightsFlag.network(of: checkpoint, file: file)
    guard !isSameFile(file, output) else {
      throw Failure(
        .usage,
        "\(output): is the checkpoint itself, whose run could no longer be resumed; name another file"
      )
    }
    guard overwrite || !WholeFile.exists(output) else {
      throw Failure(
        .usage, "\(output): already exists; --overwrite replaces it")
    }
    let isAverage = weightsFlag.isAverage(checkpoint)
    try checkpoint.forUse(averaged: isAverage).save(to: output)
    let written = ExportOutput(
      file: output, bytes: try WholeFile.read(output).count,
      weights: StoredWeights(isAverage: isAverage))
    if jsonFlag.json { return try JSONOutput.print(written) }
    let size = Format.fixed(Double(written.bytes) / 1e6, 2)
    Terminal.result("\(output): \(size) MB, the \(written.weights.rawValue) weights")
  }
}

/// What `--json` prints.
private struct ExportOutput: Encodable {
  let file: String
  let bytes: Int
  let weights: StoredWeights
}
