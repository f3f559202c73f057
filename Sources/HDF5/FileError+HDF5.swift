internal import CHDF5
import Files

extension FileError {
  /// Calls a function of CHDF5 and throws the error it reports; a failure of HDF5 itself is of the
  /// given kind.
  static func check(
    _ kind: Kind, file: String, _ call: (UnsafeMutablePointer<chdf5_error>) -> chdf5_code
  ) throws(FileError) {
    var error = chdf5_error()
    guard call(&error) != CHDF5_DONE else { return }
    throw FileError(error, kind, file: file)
  }

  init(_ error: chdf5_error, _ kind: Kind, file: String) {
    let object = Self.text(error.object)
    let place = object.isEmpty ? nil : object
    let hint = error.is_damaged == 0 ? nil : "the file is damaged; use an earlier copy"
    func confused(_ found: String) -> FileError {
      FileError(
        .invalid, file: file, expected: "an HDF5 file", found: found, hint: "the file is damaged")
    }
    switch error.code {
    case CHDF5_FAILED:
      self.init(
        kind, file: file, place: place,
        found: "cannot \(Self.text(error.operation)): \(Self.text(error.message))", hint: hint)
    case CHDF5_REFUSED:
      self.init(
        .invalid, file: file, place: place, expected: Self.text(error.expected),
        found: Self.text(error.message), hint: hint)
    case CHDF5_SYSTEM:
      self = .system(error.number, file: file, action: Self.text(error.operation))
      self.kind = .inputOutput
      self.place = place
    case CHDF5_CRASHED:
      self = confused("content that crashes the HDF5 library (signal \(error.number))")
    case CHDF5_KILLED:
      self.init(
        .inputOutput, file: file, found: "the process that reads it was killed",
        hint: "the system may be out of memory")
    case CHDF5_EXHAUSTED:
      self = confused("content that keeps the HDF5 library busy for over \(error.number) s")
    case CHDF5_SILENT: self = confused("content that the HDF5 library gives no answer to")
    default: self = confused("content that confuses the HDF5 library")
    }
  }

  /// The text in an array of C characters, up to the first zero.
  static func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
