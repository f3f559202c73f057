import Files
import Foundation
import HDF5
import MiniCNN

/// Weights and checkpoints: some of the file's objects are looked at, or it is read as a checkpoint.
struct HDF5Target: FuzzTarget {
  let seeds: [[UInt8]]
  private let file = MemoryFile()

  /// Takes the files that other programs wrote, and a checkpoint, without its seal so that changes
  /// get past it.
  init(root: String) throws {
    let others = [
      "Tests/HDF5Tests/Fixtures/foreign.h5",
      "Tests/CheckpointsTests/Fixtures/keras-sequential.weights.h5",
      "Tests/CheckpointsTests/Fixtures/keras-untrained.weights.h5",
    ]
    let checkpoint = NSTemporaryDirectory() + "minicnn-fuzz-\(getpid()).weights.h5"
    try Self.writeCheckpoint(checkpoint)
    defer { unlink(checkpoint) }
    let sealed = try WholeFile.read(checkpoint)
    seeds =
      try others.map { try WholeFile.read("\(root)/\($0)") }
      + [Array(sealed.dropFirst(SealedImage.blockSize)), sealed]
  }

  private static func writeCheckpoint(_ path: String) throws {
    let spec = ModelSpec("small", input: [4, 4, 1]) {
      Conv2D(filters: 2, kernel: 3); ReLU(); Flatten(); Dense(units: 2)
    }
    let data = try ImageSet(
      pixels: [UInt8](0..<64), labels: [0, 1, 0, 1], height: 4, width: 4)
    var settings = TrainingSettings()
    settings.epochs = 2
    let trainer = try Trainer(spec, settings: settings, data: data, threads: 1)
    try trainer.run()
    try Checkpoint(trainer).save(to: path)
  }

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do throws(FileError) {
      // One or the other: what takes time is the process that a file is read in.
      if bytes.count.isMultiple(of: 2) {
        let file = try HDF5File(image: Array(bytes), path: "f.h5")
        var left = 12
        look(file, "/", turn: bytes.count, &left)
      } else {
        file.replace(bytes)
        _ = try Checkpoint(contentsOf: file.path)
      }
      return true
    } catch {
      check(error.description)
      return false
    }
  }

  /// Looks at what is below a group, at most `left` objects in all, as groups may contain
  /// themselves; `turn` says which of its members comes first.
  private func look(
    _ file: borrowing HDF5File, _ name: String, turn: Int, _ left: inout Int
  ) {
    left -= 1
    guard left > 0 else { return }
    do throws(FileError) {
      let kind = try file.kind(of: name)
      if kind == .group || kind == .dataset { _ = try file.texts(of: name, attribute: "name") }
      switch kind {
      case .group:
        let members = try file.members(of: name)
        for number in members.indices {
          let member = members[(number + turn) % members.count]
          look(file, name == "/" ? "/\(member)" : "\(name)/\(member)", turn: turn, &left)
        }
      case .dataset:
        switch try file.form(of: name).type {
        case .float: _ = try file.read(name, as: Float.self, limit: 4096)
        case .integer: _ = try file.read(name, as: Int64.self, limit: 4096)
        case .text: _ = try file.readTexts(name, limit: 4096)
        case .other: break
        }
      case .datatype, .link, nil: break
      }
    } catch {
      check(error.description)
    }
  }
}
