import Checkpoints
import Files
import NeuralNetwork
import Training

/// What a run starts from, as the first rank sends it to the others: all that decides its course.
///
/// Model, settings and state are the bytes of a checkpoint, which bring back every bit of them.
struct StartPacket {
  private let head: [UInt8]
  private let data: DataPacket?
  private let validation: DataPacket?

  /// Packs the start of a run; one that has nothing left to do is an empty packet.
  init(_ start: RunStart, _ options: RunOptions) throws(FileError) {
    var writer = PacketWriter()
    guard let data = start.data else {
      (head, self.data, validation) = ([], nil, nil)
      return
    }
    writer.write(options.maxSteps) { $0.write($1) }
    writer.write(start.validation == nil ? 0 : 1)
    writer.write(
      try Checkpoint(
        model: start.model, settings: start.settings, state: start.state, data: data.reference,
        validation: start.validation?.reference, classNames: start.classNames
      ).image("the state"))
    head = writer.bytes
    self.data = DataPacket(data)
    validation = start.validation.map { DataPacket($0) }
  }

  /// Sends the packet of the first rank to the others.
  func send(over ranks: any Ranks) throws(RanksError) {
    _ = try ranks.broadcast(head)
    guard let data else { return }
    _ = try DataPacket.broadcast(data, over: ranks)
    if let validation { _ = try DataPacket.broadcast(validation, over: ranks) }
  }
}

/// What a rank that is not the first learns of a run.
struct ReceivedStart {
  let checkpoint: Checkpoint
  let data: LabelledData
  let validation: LabelledData?
  let maxSteps: Int?

  /// Waits for the packet of the first rank; `nil` where its run has nothing left to do.
  init?(over ranks: any Ranks) throws {
    let head = try ranks.broadcast([])
    guard !head.isEmpty else { return nil }
    var reader = PacketReader(head)
    maxSteps = try reader.optional { reader throws(RanksError) in try reader.number() }
    let validates = try reader.number() == 1
    let image = try reader.array(of: UInt8.self)
    let data = try DataPacket.broadcast(nil, over: ranks)
    let validation = validates ? try DataPacket.broadcast(nil, over: ranks) : nil
    // From here on nothing is received: what fails concerns this rank alone.
    checkpoint = try Checkpoint(trusted: image, path: "the state of the first rank")
    self.data = try data.unpacked()
    self.validation = try validation?.unpacked()
  }
}

extension ReceivedStart {
  /// The trainer of the run, on one of the ranks that follow.
  func trainer(threads: Int?, ranks: any Ranks) throws -> Trainer {
    let trainer = try Trainer(
      checkpoint.state, settings: checkpoint.settings, data: data.samples,
      validation: validation?.samples, threads: threads, ranks: ranks)
    trainer.lastStep = maxSteps
    trainer.dividesUpdates = true
    return trainer
  }

  /// What all ranks must have alike of it.
  func facts(of state: TrainingState) -> [RankReport.Fact] {
    RunFacts.atStart(
      state, model: checkpoint.model, settings: checkpoint.settings, data: data,
      validation: validation)
  }
}
