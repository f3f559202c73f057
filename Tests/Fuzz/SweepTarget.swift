import Foundation
import MiniCNN

/// Sweeps: their models, seeds and settings, and the runs they are made of.
struct SweepTarget: FuzzTarget {
  let seeds: [[UInt8]]

  /// Takes the sweeps of the repository at `root`, and two with settings of every kind.
  init(root: String) throws {
    let folder = "\(root)/Benchmarks/sweeps"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    seeds =
      try names.filter { $0.hasSuffix(".yaml") }.map {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
      } + [Self.everything, Self.search].map { Array($0.utf8) }
  }

  private static let search = """
    model: a.yaml
    data: digits
    seeds: 1
    folds: 3
    samples: 4
    samples_seed: 7
    settings:
      learning_rate: {from: 1e-4, to: 0.1, scale: log}
      batch_size: {from: 16, to: 64}
      mixup: {from: 0, to: 0.5, scale: linear}
      optimizer: [adam, adamw]
      stratify: true

    """

  private static let everything = """
    model: [a.yaml, "b\\".yaml"]
    data: digits
    seeds: [1, 18446744073709551615]
    score: test
    settings:
      optimizer: [sgd, adamw]
      learning_rate: [0.1, &r 1e-3, *r]
      schedule: ["plateau:factor=0.5,patience=2", 'cosine_restarts:period=1,growth=2']
      augmentation: [none, "shift=1,flip=both", {elastic: 0.5, erase: 0.1}]
      mixup: [0, 0.4]
      shuffle: false

    """

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    do throws(FileError) {
      let spec = try SweepSpec(text: text, file: "sweep.yaml")
      let combinations = spec.combinations
      precondition(
        combinations.count * spec.seeds.count <= SweepSpec.mostRuns, "\(combinations.count)")
      for combination in combinations.prefix(10) {
        if !combination.choices.isEmpty { check(combination.wholeLabel) }
        do throws(SettingError) {
          _ = try combination.options.resolve(defaultSeed: 1)
        } catch {
          check(combination.error(error, file: "sweep.yaml").description)
        }
      }
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
