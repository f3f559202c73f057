import DataSets
import Foundation
import MiniCNN
import TestSupport

/// Data sets in the forms of their publishers, each read as one that it may be.
struct DataTarget: FuzzTarget {
  enum Form: String { case csv, npy, npz, cifar }

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
        try FuzzedData.members(of: bytes(name))
      }
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
      case .npz: try FuzzedData.readArchive(Array(bytes))
      case .npy: try FuzzedData.readArray(Array(bytes))
      case .cifar: try FuzzedData.readCIFAR100(Array(bytes))
      }
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
