import DataSets
import Foundation
import MiniCNN
import TestSupport

/// Data sets in the forms of their publishers, each read as one that it may be.
struct DataTarget: FuzzTarget {
  enum Form: String { case csv, npy, npz, cifar, emnist }

  let seeds: [[UInt8]]
  private let form: Form
  private let file = MemoryFile()

  /// Takes the fixtures of the tests.
  init(_ form: Form, root: String) throws {
    self.form = form
    let folder = "\(root)/Tests/DataSetsTests/Fixtures"
    func bytes(_ name: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }
    switch form {
    case .csv:
      seeds = try ["kaggle/train.csv", "kaggle/test.csv", "plain/mnist_train.csv.gz"].map(bytes)
    case .npz: seeds = try ["medmnist.npz", "keras.npz", "npz-class-names.npz"].map(bytes)
    case .npy:
      seeds = try ["medmnist.npz", "keras.npz", "npz-class-names.npz"].flatMap { name in
        let archive = try ZipArchive(bytes(name), path: name, isConfined: false)
        return try archive.members.indices.map { try archive.content(ofMember: $0) }
      }
    case .emnist: seeds = [try bytes("emnist/emnist-letters-mapping.txt")]
    case .cifar: seeds = try ["cifar-100/train.bin", "cifar-100/test.bin"].map(bytes)
    }
  }

  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do throws(FileError) {
      switch form {
      case .csv:
        file.replace(bytes)
        var settings = DataImport()
        settings.format = .csv
        let data = try settings.read(file.path)
        precondition(data.set.parts.count == 1)
      case .emnist:
        file.replace(bytes)
        _ = try EMNISTMapping(reading: file.path)
      case .npz:
        _ = try NPZImages.read(try ZipArchive(Array(bytes), path: "a.npz", isConfined: false))
      case .npy:
        let array = try NPYArray(Array(bytes), path: "a.npz", name: "a")
        do throws(FileError) { _ = try array.bytes() } catch { _ = try array.texts() }
      case .cifar:
        var batch = CIFAR.Batch()
        try batch.add(Array(bytes), CIFAR.Form(.hundred, hasCoarseLabels: false), path: "a.bin")
      }
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
