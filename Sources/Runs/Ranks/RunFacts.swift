import Checkpoints
import Files
import ModelFiles
import NeuralNetwork
import Training

extension TrainingState {
  /// What every rank must have come to alike, after as many steps. Reads all weights and the optimizer's
  /// memory once, some milliseconds for a million weights.
  var facts: [RankReport.Fact] {
    var memory = SHA256()
    for slot in optimizer.slots { memory.update(slot) }
    var facts = [
      RankReport.Fact("progress", progress),
      RankReport.Fact("weights", "the SHA-256 \(network.weightsSHA256)"),
      RankReport.Fact("optimizer", "the SHA-256 \(memory.finalize().hexadecimal)"),
    ]
    if let average {
      var digest = SHA256()
      digest.update(average)
      facts.append(
        RankReport.Fact("average of the weights", "the SHA-256 \(digest.finalize().hexadecimal)"))
    }
    return facts
  }

  /// How far the run is and what it has seen, without readings of the clock.
  private var progress: String {
    var digest = PacketWriter()
    digest.write([running.sum.bitPattern, UInt64(running.correct), UInt64(running.samples)])
    digest.write(best?.epoch ?? 0)
    digest.write(stoppedEarly ? 1 : 0)
    for record in history {
      for number in [
        record.loss, record.accuracy, record.validationLoss, record.validationAccuracy,
        record.learningRate,
      ] { digest.write(number?.bitPattern) { $0.write([$1]) } }
      for (name, value) in (record.validationMetrics ?? [:]).sorted(by: { $0.key < $1.key }) {
        digest.write(name)
        digest.write([value.bitPattern])
      }
    }
    return "step \(optimizer.step), epoch \(epoch), batch \(batch), losses of the SHA-256"
      + " \(SHA256.digest(digest.bytes).hexadecimal)"
  }
}

extension SHA256 {
  fileprivate mutating func update(_ tensor: Tensor) {
    update(UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.count * 4))
  }
}

/// What all ranks of a run must have alike before its first step.
enum RunFacts {
  static func atStart(
    _ state: TrainingState, model: ModelFile, settings: TrainingSettings, data: LabelledData,
    validation: LabelledData?
  ) -> [RankReport.Fact] {
    var text = PacketWriter()
    text.write(TrainingOptions(settings).yaml)
    text.write(withUnsafeBytes(of: settings.seed) { Array($0) })
    text.write(settings.hasFirstShards ? 1 : 0)
    return [
      RankReport.Fact("model", "the SHA-256 \(SHA256.digest(Array(model.text.utf8)).hexadecimal)"),
      RankReport.Fact("settings", "the SHA-256 \(SHA256.digest(text.bytes).hexadecimal)"),
      RankReport.Fact("data", "the SHA-256 \(data.sha256)"),
      RankReport.Fact("validation data", validation.map { "the SHA-256 \($0.sha256)" } ?? "none"),
    ] + state.facts
  }
}
