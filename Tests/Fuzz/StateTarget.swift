import Files
import Foundation
import HDF5
import MiniCNN
import TestSupport

/// States in files that are sound as files: an input says which values of which arrays are changed.
/// What is read is printed, written and read again.
struct StateTarget: FuzzTarget {
  /// Ten bytes a change: the array, the element, and the bits of the value.
  let seeds: [[UInt8]]
  private let arrays: HDF5Arrays
  private let data: ImageSet
  /// The arrays that an input can name: all but the weights, which may be any floats.
  private let places: [Int]

  init() throws {
    let spec = ModelSpec("small", input: [2, 2, 1]) {
      Conv2D(filters: 2, kernel: 2); BatchNorm(); ReLU(); Flatten(); Dense(units: 2)
    }
    data = try ImageSet(
      pixels: [UInt8](0..<40), labels: [0, 1, 0, 1, 0, 1, 0, 1, 0, 1], height: 2, width: 2)
    var settings = TrainingSettings()
    settings.batchSize = 3
    settings.weightAverage = 0.5
    settings.metrics = MetricList([F1(), TopKAccuracy(k: 1)])
    let validation = try ImageSet(pixels: [UInt8](40..<48), labels: [0, 1], height: 2, width: 2)
    let trainer = try Trainer(
      spec, settings: settings, data: data, validation: validation, threads: 1)
    try trainer.run { _ in trainer.state.optimizer.step == 7 ? .stop : .proceed }
    let reference = DataReference(paths: ["a"], sha256: data.identity().hexadecimal)
    let checkpoint = try Checkpoint(
      trainer, data: reference,
      validation: DataReference(paths: ["b"], sha256: validation.identity().hexadecimal))
    arrays = try HDF5Arrays(image: try checkpoint.image("seed"))
    let numbers = [0, 1, -1, 0.5, .nan, .infinity, 1e300, 9.5e14].map(\.bitPattern)
    let counts = [1, 3, UInt64(bitPattern: -1), 1 << 53]
    places = arrays.entries.indices.filter { [arrays] in
      let path = arrays.entries[$0].path
      return path.hasPrefix("/minicnn/") && !path.hasPrefix("/minicnn/average/")
    }
    seeds = places.indices.map { place in
      let value = (numbers + counts)[place % 12]
      return [UInt8(place), 0] + withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
  }

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var changed = arrays
    for start in stride(from: 0, to: bytes.count - 9, by: 10) {
      changed.set(
        Int(bytes[start + 1]), ofArray: places[Int(bytes[start]) % places.count],
        bits: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 2, as: UInt64.self)))
    }
    let image: [UInt8]
    do throws(FileError) {
      image = try changed.image()
    } catch {
      fatalError("\(error)")
    }
    do throws(FileError) {
      let checkpoint = try Checkpoint(image: image, path: "a.weights.h5")
      print(checkpoint)
      makeStep(checkpoint.state, checkpoint.settings, data)
      return true
    } catch {
      check(error.description)
      return false
    }
  }

  /// Ends the program where what was read cannot be shown or saved.
  private func print(_ checkpoint: Checkpoint) {
    precondition(!"\(checkpoint) \(checkpoint.settings)".isEmpty)
    do {
      for record in checkpoint.state.history {
        let read = try JSONDecoder().decode(
          EpochRecord.self, from: try JSONEncoder().encode(record))
        precondition(read == record, "\(record) is read as \(read)")
      }
      let image = try checkpoint.image("a.weights.h5")
      let again = try Checkpoint(image: image, path: "a.weights.h5")
      guard try again.image("a.weights.h5") == image else { fatalError("read as another state") }
    } catch {
      fatalError("\(error)")
    }
  }
}
