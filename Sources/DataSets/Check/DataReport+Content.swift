import ImageData

extension DataReport {
  /// Looks for images of one shade, and for those that are there more than once.
  mutating func checkContent(_ parts: [DataCheck.Part]) {
    var training: Images?
    for part in parts {
      let constant = part.images.areConstant()
      if let first = constant.firstIndex(of: true) {
        let count = constant.count { $0 }
        add(
          count, of: part, .constant,
          "\(Self.count(count)) of one shade, the first of them number \(first)")
      }
      let images = Images(part.images)
      checkDuplicates(images, part)
      if part.split == .train {
        training = images
      } else if let training {
        checkLeakage(images, of: part, from: training)
      }
    }
  }

  private mutating func checkDuplicates(_ images: Images, _ part: DataCheck.Part) {
    var repeats = Repeats()
    for (number, digest) in images.digests.enumerated() {
      guard let first = images.firsts[digest], first != number else { continue }
      repeats.add(number, of: first, differ: images.label(number) != images.label(first))
    }
    guard let example = repeats.example else { return }
    let text =
      "\(Self.count(repeats.count)) repeat\(repeats.count == 1 ? "s" : "") an earlier one"
      + " (number \(example.number) is number \(example.first))"
    if repeats.contradictions > 0 {
      add(
        repeats.contradictions, of: part, .duplicates,
        "\(text), \(repeats.contradictions) of them with another label")
    } else {
      let isMuch = Double(repeats.count) > DataCheck.tolerance * Double(part.images.count)
      add(isMuch ? .warning : .note, .duplicates, part.split, text, images: repeats.count)
    }
  }

  private mutating func checkLeakage(
    _ images: Images, of part: DataCheck.Part, from training: Images
  ) {
    var repeats = Repeats()
    for (number, digest) in images.digests.enumerated() {
      guard let first = training.firsts[digest] else { continue }
      repeats.add(number, of: first, differ: images.label(number) != training.label(first))
    }
    guard let example = repeats.example else { return }
    let other = repeats.contradictions
    add(
      repeats.count, of: part, .leakage,
      "\(Self.count(repeats.count)) \(repeats.count == 1 ? "is" : "are") among the training images"
        + " too (number \(example.number) is training image \(example.first))"
        + (other > 0 ? ", \(other) of them with another label" : ""))
  }
}

/// The images of a part by their pixels.
private struct Images {
  let digests: [PixelDigest]
  /// The first image with each digest.
  let firsts: [PixelDigest: Int]
  private let labels: [UInt8]?

  init(_ images: ImageSet) {
    digests = images.pixelDigests()
    firsts = Dictionary(zip(digests, 0...), uniquingKeysWith: { first, _ in first })
    labels = images.labels
  }

  func label(_ number: Int) -> UInt8? { labels?[number] }
}

/// Images that others have been before.
private struct Repeats {
  private(set) var count = 0
  /// How many of them have another label.
  private(set) var contradictions = 0
  /// One of those with another label, or else the first.
  private(set) var example: (number: Int, first: Int)?

  mutating func add(_ number: Int, of first: Int, differ: Bool) {
    if example == nil || (differ && contradictions == 0) { example = (number, first) }
    count += 1
    contradictions += differ ? 1 : 0
  }
}
