import Files
import ImageData
import NeuralNetwork

/// What samples are sent as.
private enum SampleKind: Int {
  case images, classes, targets
}

/// Labelled data as one rank sends them to the others: what a checkpoint says of them and messages call them,
/// and all samples.
///
/// Images are sent as they are kept, samples of any other kind as floats.
struct DataPacket {
  /// All but the samples.
  private let head: [UInt8]
  /// The samples, `[N, shape]`.
  private let values: [UInt8]

  /// Packs data of the first rank.
  init(_ data: LabelledData) {
    var writer = PacketWriter()
    writer.write(data.name)
    writer.write(data.paths.count)
    for path in data.paths { writer.write(path) }
    writer.write(data.classNames?.names) { writer, names in
      writer.write(names.count)
      for name in names { writer.write(name) }
    }
    if let images = data.images {
      writer.write(SampleKind.images.rawValue)
      writer.write(images.parts)
      values = images.copyBytes()
    } else {
      values = writer.write(data.samples)
    }
    head = writer.bytes
  }

  /// Sends the packet of the first rank; the other ones wait for it.
  static func broadcast(
    _ packet: DataPacket?, over ranks: any Ranks
  ) throws(RanksError) -> DataPacket {
    DataPacket(
      head: try ranks.broadcast(packet?.head ?? []),
      values: try ranks.broadcast(packet?.values ?? []))
  }

  private init(head: [UInt8], values: [UInt8]) { (self.head, self.values) = (head, values) }

  /// The data, with samples that have the digest of those that were packed.
  func unpacked() throws -> LabelledData {
    var reader = PacketReader(head)
    let name = try reader.text()
    let paths = try (0..<reader.number()).map { _ in try reader.text() }
    let classNames = try reader.optional { reader throws(RanksError) in
      var names: [String] = []
      for _ in 0..<(try reader.number()) { names.append(try reader.text()) }
      return names
    }
    let samples: any SampleSource
    switch SampleKind(rawValue: try reader.number()) {
    case .images: samples = try ImageSet(try reader.imageParts(), bytes: values)
    case .classes: samples = try reader.samples(values, hasClasses: true)
    case .targets: samples = try reader.samples(values, hasClasses: false)
    case nil: throw RanksError("what another rank sent is damaged: it is no data")
    }
    return try LabelledData(
      received: samples, name: name, paths: paths, classNames: classNames.map { ClassNames($0) })
  }
}

extension PacketWriter {
  fileprivate mutating func write(_ parts: ImageParts) {
    for number in [parts.height, parts.width, parts.channels, parts.element] { write(number) }
    write(parts.labels) { $0.write($1) }
    write(parts.targetValues) { $0.write($1) }
    write(parts.targetShape) { $0.write($1) }
    write(parts.imageFile)
    write(parts.labelFile) { $0.write($1) }
  }

  /// Writes all of some samples but their values, which are returned.
  fileprivate mutating func write(_ samples: some SampleSource) -> [UInt8] {
    let numbers = (0..<Int32(samples.count)).map { $0 }
    if case .values(let shape) = samples.targets {
      write(SampleKind.targets.rawValue)
      write(shape.array)
      write(
        samples.rows(numbers, width: shape.count) {
          samples.copyTargets($0, outputs: shape.count, to: $1)
        })
    } else {
      write(SampleKind.classes.rawValue)
      write(samples.labels(numbers))
    }
    write(samples.sampleShape.array)
    write(samples.sha256 ?? "")
    return samples.rows(numbers, width: samples.sampleShape.count) {
      samples.copySamples($0, to: $1)
    }.withUnsafeBytes { Array($0) }
  }
}

extension SampleSource {
  /// Rows of floats of samples, which `copy` writes.
  fileprivate func rows(
    _ numbers: [Int32], width: Int,
    _ copy: (UnsafeBufferPointer<Int32>, UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: numbers.count * width) { rows, count in
      guard let start = rows.baseAddress else { return }
      numbers.withUnsafeBufferPointer { copy($0, start) }
      count = numbers.count * width
    }
  }
}

extension PacketReader {
  fileprivate mutating func imageParts() throws(RanksError) -> ImageParts {
    ImageParts(
      height: try number(), width: try number(), channels: try number(), element: try number(),
      labels: try optional { reader throws(RanksError) in try reader.array(of: UInt8.self) },
      targetValues: try optional { reader throws(RanksError) in try reader.array(of: Float.self) },
      targetShape: try optional { reader throws(RanksError) in try reader.array(of: Int.self) },
      imageFile: try text(),
      labelFile: try optional { reader throws(RanksError) in try reader.text() })
  }

  /// Samples with these bytes, which are floats.
  fileprivate mutating func samples(
    _ bytes: [UInt8], hasClasses: Bool
  ) throws(RanksError) -> any SampleSource {
    let targetShape = hasClasses ? [] : try array(of: Int.self)
    let targets = hasClasses ? [] : try array(of: Float.self)
    let labels = hasClasses ? try array(of: Int32.self) : []
    let shape = try array(of: Int.self)
    let sha256 = try text()
    let values = [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
      bytes.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes.prefix(bytes.count / 4 * 4))
      }
      count = bytes.count / 4
    }
    let width = Shape.checkedCount(shape, limit: values.count) ?? 0
    let outputs = Shape.checkedCount(targetShape, limit: targets.count) ?? 0
    let count = hasClasses ? labels.count : targets.count / max(1, outputs)
    guard count > 0, values.count == count * width, bytes.count == values.count * 4,
      hasClasses || targets.count == count * outputs
    else {
      throw RanksError(
        "what another rank sent is damaged: expected \(count) samples of \(shape), found"
          + " \(bytes.count) bytes")
    }
    let samples =
      hasClasses
      ? ArraySamples(values, shape: Shape(shape), labels: labels.map { Int($0) })
      : ArraySamples(
        values, shape: Shape(shape), targets: targets, targetShape: Shape(targetShape))
    return samples.sha256 == sha256 ? samples : ReceivedSamples(samples, sha256: sha256)
  }
}
