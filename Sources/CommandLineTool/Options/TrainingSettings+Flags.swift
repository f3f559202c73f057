import MiniCNN

extension TrainingSettings {
  /// Flags before model file before defaults; what is wrong in the file is said to be there.
  init(
    _ flags: TrainingOptions, model: TrainingOptions, file: String?, defaultSeed: UInt64
  ) throws {
    do throws(SettingError) {
      self = try flags.filled(from: model).resolve(defaultSeed: defaultSeed)
    } catch {
      do throws(SettingError) {
        _ = try model.resolve(defaultSeed: 0)
      } catch let inFile {
        if inFile == error { throw Failure(.data, "\(file ?? "model"): training: \(error)") }
      }
      throw error
    }
  }
}
