import Checkpoints
import Files
import Foundation
import ImageData
import NeuralNetwork
import TestSupport
import Testing
import Training

/// States whose file is sound and whose numbers are not: each is refused in one line, or can be
/// printed, saved and resumed.
@Suite struct HostileStateTests {
  private static let doubles: [Double] = [
    .nan, .infinity, -.infinity, 1e300, -1e300, 9.5e14, -1, 0, 0x1p53, .leastNonzeroMagnitude,
  ]
  private static let integers: [Int64] = [
    .min, .max, -1, 0, 1, 2, 1 << 20, (1 << 31) + 1, 1 << 53, (1 << 53) + 1,
  ]
  private static let texts = [
    "", "nan", "-1", "[", "{a: 1}", "a\nb", "\u{1B}[2J", "🙂", "a: b", "0x",
  ]

  /// Ten values for any array, as bits.
  private static func hostile(_ values: HDF5Arrays.Values) -> [UInt64] {
    switch values {
    case .float, .double: doubles.map(\.bitPattern)
    case .signed, .unsigned: integers.map { UInt64(bitPattern: $0) }
    case .texts: texts.map { $0.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    }
  }

  @Test(arguments: [false, true]) func everyValueIsRefusedOrHarmless(isFull: Bool) throws {
    let sound = try isFull ? SmallRun.fullCheckpoint() : SmallRun.checkpoint()
    let arrays = try HDF5Arrays(image: try sound.image("a.weights.h5"))
    let data = try SmallRun.data(), validation = try isFull ? SmallRun.validation() : nil
    #expect(arrays.entries.count { $0.path.hasPrefix("/minicnn/") } >= (isFull ? 27 : 22))
    var refused = 0, harmless = 0
    for (number, entry) in arrays.entries.enumerated() {
      // A third of them, other ones in each array: make fuzz tries the others.
      for (turn, bits) in Self.hostile(entry.values).enumerated()
      where (turn + number) % 3 == 0 {
        var changed = arrays
        changed.set(turn, ofArray: number, bits: bits)
        do throws(FileError) {
          let checkpoint = try Checkpoint(image: try changed.image(), path: "a.weights.h5")
          try Self.use(
            checkpoint, data, validation, "\(entry.path), \(turn)")
          harmless += 1
        } catch {
          let line = error.description
          #expect(line.hasPrefix("a.weights.h5: ") && !line.contains { $0.isNewline })
          refused += 1
        }
      }
    }
    #expect(refused + harmless >= 3 * arrays.entries.count)
    #expect(refused > 30 && harmless > 30, "\(refused) refused, \(harmless) harmless")
  }

  /// Prints, saves and resumes what was read.
  private static func use(
    _ checkpoint: Checkpoint, _ data: ImageSet, _ validation: ImageSet?, _ place: String
  ) throws(FileError) {
    let again = try Checkpoint(image: try checkpoint.image("b.weights.h5"), path: "b.weights.h5")
    #expect(try again.stateSHA256() == checkpoint.stateSHA256(), "\(place)")
    #expect(!"\(checkpoint)".isEmpty)
    #expect(throws: Never.self, "\(place)") {
      try JSONEncoder().encode(checkpoint.state.history)
    }
    do {
      let trainer = try Trainer(
        checkpoint.state, settings: checkpoint.settings, data: data,
        validation: validation, threads: 1)
      try trainer.run()
      #expect(!"\(trainer.state.history)".isEmpty)
    } catch let error as SettingError {
      #expect(!error.description.contains { $0.isNewline }, "\(place)")
    } catch {
      #expect(error is DivergenceError, "\(place): \(error)")
    }
  }

  @Test(
    arguments: [
      (
        "/minicnn/history/loss", Double.nan,
        "/minicnn/history/loss[0]: expected a finite number, found nan"
      ),
      (
        "/minicnn/history/accuracy", 1.5,
        "/minicnn/history/accuracy[0]: expected a number from 0 to 1, found 1.5"
      ),
      (
        "/minicnn/history/validation_accuracy", 1e300,
        "/minicnn/history/validation_accuracy[0]: expected a number from 0 to 1, found 1e+300"
      ),
      (
        "/minicnn/history/validation_accuracy", .nan,
        "/minicnn/progress/best_epoch: expected an epoch with a validation accuracy, found 1"
      ),
      (
        "/minicnn/history/validation_loss", -.infinity,
        "/minicnn/history/validation_loss[0]: expected a finite number, found -inf"
      ),
      (
        "/minicnn/history/learning_rate", 1e300,
        "/minicnn/history/learning_rate[0]: expected a 32-bit float of at least 0, found 1e+300"
      ),
      (
        "/minicnn/clock/seconds", -1,
        "/minicnn/clock/seconds[0]: expected a finite number of at least 0, found -1.0"
      ),
      (
        "/minicnn/clock/running_seconds", .nan,
        "/minicnn/clock/running_seconds: expected a finite number of at least 0, found nan"
      ),
      (
        "/minicnn/progress/running_loss", .infinity,
        "/minicnn/progress/running_loss: expected a finite number, found inf"
      ),
    ] as [(String, Double, String)])
  func aNumberOutOfItsRangeIsNamed(path: String, value: Double, message: String) throws {
    try expect(message, with: value.bitPattern, at: path)
  }

  @Test(
    arguments: [
      ("epoch", -1, "epoch: expected 0 to 1048576, found -1"),
      ("batch", .max, "batch: expected 0 to 2147483648, found 9223372036854775807"),
      ("running_samples", 5, "running_samples: expected 0 to 4, found 5"),
      ("running_correct", 5, "running_correct: expected 0 to 4, found 5"),
      ("best_epoch", 2, "best_epoch: expected 0 to 1, found 2"),
      ("stopped_early", 2, "stopped_early: expected 0 to 1, found 2"),
    ] as [(String, Int64, String)])
  func aCountOutOfItsRangeIsNamed(name: String, value: Int64, message: String) throws {
    try expect(
      "/minicnn/progress/\(message)", with: UInt64(bitPattern: value),
      at: "/minicnn/progress/\(name)")
  }

  private func expect(_ message: String, with bits: UInt64, at path: String) throws {
    var arrays = try HDF5Arrays(image: try SmallRun.checkpoint().image("a.weights.h5"))
    arrays.set(0, ofArray: try #require(arrays.index(of: path)), bits: bits)
    let image = try arrays.image()
    let error = #expect(throws: FileError.self) {
      try Checkpoint(image: image, path: "a.weights.h5")
    }
    #expect(error?.description == "a.weights.h5: \(message)")
  }

  /// A validation that gave no number is as good as none, as before the state was saved.
  @Test(arguments: [Double.nan, .infinity])
  func aValidationLossThatIsNoNumberIsMissing(value: Double) throws {
    var arrays = try HDF5Arrays(image: try SmallRun.checkpoint().image("a.weights.h5"))
    let number = try #require(arrays.index(of: "/minicnn/history/validation_loss"))
    arrays.set(0, ofArray: number, bits: value.bitPattern)
    let state = try Checkpoint(image: try arrays.image(), path: "a.weights.h5").state
    #expect(state.history[0].validationLoss == nil && state.best == state.history[0])
  }

  @Test func weightsThatAreNoNumbersEndTheRunAtItsFirstStep() throws {
    var arrays = try HDF5Arrays(image: try SmallRun.checkpoint().image("a.weights.h5"))
    arrays.set(
      0, ofArray: try #require(arrays.index(of: "/layers/dense/vars/0")),
      bits: Double.nan.bitPattern)
    let checkpoint = try Checkpoint(image: try arrays.image(), path: "a.weights.h5")
    #expect(checkpoint.state.network.variables[0].isNaN)
    let trainer = try Trainer(
      checkpoint.state, settings: checkpoint.settings, data: try SmallRun.data(), threads: 1)
    let error = #expect(throws: DivergenceError.self) { try trainer.run() }
    #expect(
      error?.description
        == "step 4 (epoch 2, batch 2): the weights of layer dense are no longer finite; try a learning rate of 0.05, a tenth of this step's"
    )
  }
}
