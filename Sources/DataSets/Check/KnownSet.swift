import ImageData

/// Parts of data sets that everybody has, by the digest of their content.
struct KnownSet {
  /// "MNIST's test set".
  let name: String
  let split: DataSplit
  /// ``ImageSet/sha256``.
  let sha256: String

  /// The name of a set that is one of them.
  static func name(of images: ImageSet) -> String? {
    all.first { $0.sha256 == images.sha256 }?.name
  }

  static let all = [
    KnownSet(
      name: "MNIST's training set", split: .train,
      sha256: "1c5b2bdcdb263351fe4d0931b01a315ea090f1be59b8b823c17c5348b8fc652d"),
    KnownSet(
      name: "MNIST's test set", split: .test,
      sha256: "3ff6211778dc2b57ff7e2f9d50213767548200c4af7feb07ca24b0c52ad0b084"),
    KnownSet(
      name: "Fashion-MNIST's training set", split: .train,
      sha256: "8cd780893f012748b1b00eb3ebffa0ead9a036bb34c43a36a8c2ce0cd142d6e8"),
    KnownSet(
      name: "Fashion-MNIST's test set", split: .test,
      sha256: "0f308871a046620dc9743b208942fa1da292b837e581d026507aaf9923d23421"),
  ]
}
