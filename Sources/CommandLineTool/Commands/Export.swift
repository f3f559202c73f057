import ArgumentParser
import Files
import MiniCNN

/// A trained model in another format, or without what only a resumed run needs.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a trained model for use: for Keras, ONNX, PyTorch, C, or for minicnn alone.",
    discussion: """
      EXAMPLES
        minicnn export lenet5 lenet5.onnx
        minicnn export lenet5.weights.h5 lenet5.keras
        minicnn export lenet5.weights.h5 lenet5.safetensors
        minicnn export digits-tiny.weights.h5 digits.c
        minicnn export lenet5 digits.c --quantize int8 --calibrate mnist
        minicnn export lenet5.weights.h5 trained.weights.h5

      The format follows from the ending: \(Self.formatList); or .weights.h5, a checkpoint with one set \
      of weights and no memory of an optimizer, which evaluate, predict, inspect, compare and \
      train --init read and train --resume does not. Every file says which weights it was made of \
      (the SHA-256 that inspect prints) and has a test image with what the network gives for it.

      Before it is written, a file is read back, and what it computes for 100 images is compared with \
      the network: test images of --data, of the folder the model was trained on where that is there, \
      or else synthetic ones.

      --quantize int8 has C compute with 8-bit integers, a quarter of the bytes: ranges are taken from \
      512 training images, and the loss is measured on the test images, or on other training images \
      where there are none. More than half a point is refused, and the layer named that costs most.

      JSON: file, files (all that were written), bytes (of the first), format, weights (average or \
      last), verified (images, sameClass, largestDifference; null where it was not), int8 (accuracy, \
      floatAccuracy, loss, samples, pValue, bytes; null without --quantize).
      """)

  private static var formatList: String {
    ExportFormats.all.map { format in
      let type = type(of: format)
      return "\(type.endings.joined(separator: " or ")) (\(type.help))"
    }.joined(separator: ", ")
  }

  @OptionGroup var source: ModelSourceArgument
  @Argument(
    help: "The file to write.",
    completion: .file(
      extensions: ExportFormats.all.flatMap { type(of: $0).endings.map { String($0.dropFirst()) } }
        + ["h5"]))
  var output: String
  @Option(
    help: ArgumentHelp(
      "The format, where the ending does not say: \(Self.formatNames.joined(separator: ", ")).",
      valueName: "name"), completion: .list(Self.formatNames))
  var format: String?
  @OptionGroup var dataFlags: DataFlags
  @OptionGroup var quantization: QuantizationFlags
  @Flag(name: .customLong("no-verify"), help: "Do not read the file back and compare.")
  var skipsVerification = false
  @OptionGroup var weightsFlag: WeightsFlag
  @Flag(help: "Replace files that are there.") var overwrite = false
  @OptionGroup var jsonFlag: JSONFlag

  private static let forUse = "checkpoint"
  private static var formatNames: [String] {
    ExportFormats.all.map { type(of: $0).name } + [forUse]
  }

  func validate() throws {
    if let format, !Self.formatNames.contains(format) {
      throw ValidationError(
        "--format: expected \(Self.formatNames.joined(separator: " or ")), found \(format)")
    }
  }

  func run() throws {
    let source = try source.read()
    guard !isSameFile(source.file, output) else {
      throw Failure(
        .usage,
        source.checkpoint == nil
          ? "\(output): is the model itself; name another file"
          : "\(output): is the checkpoint itself, whose run could no longer be resumed; name another file"
      )
    }
    let stated = format.flatMap(ExportFormats.named)
    let isForUse = format == Self.forUse || (format == nil && output.hasSuffix(".h5"))
    let isC = (stated ?? ExportFormats.forFile(output)) is CFormat
    guard quantization.isOff || (isC && !isForUse) else {
      throw Failure(.usage, "\(output): expected a C file with --quantize, found another format")
    }
    if isForUse { return try exportForUse(source) }
    guard let format = stated ?? ExportFormats.forFile(output) else {
      throw Failure(
        .usage,
        "\(output): expected a name that ends with \(Self.endings), or --format; found neither")
    }
    try check(output)
    guard let report = try quantization.report(on: source, weights: weightsFlag, data: dataFlags)
    else { return try export(source, as: format, int8: nil) }
    if !jsonFlag.json { Terminal.result(report.text) }
    try quantization.check(report, of: source)
    try export(source, as: CFormat(quantized: report.quantized), int8: report)
  }

  private static var endings: String {
    (ExportFormats.all.flatMap { type(of: $0).endings } + [".h5"]).joined(separator: ", ")
  }

  /// Throws where a file is there already and may not be replaced, or cannot be written.
  private func check(_ path: String) throws {
    guard overwrite || !WholeFile.exists(path) else {
      throw Failure(.usage, "\(path): already exists; --overwrite replaces it")
    }
    try AtomicFile.verifyWritable(path)
  }

  // Formats of others

  private func export(
    _ source: ModelSource, as format: some ExportFormat, int8: QuantizationReport?
  ) throws {
    let model = try source.model(weightsFlag)
    let export: ModelExport
    do {
      export = try ModelExport(
        model, as: format, to: output, checkedOn: try images(source, model),
        verifies: !skipsVerification)
    } catch let error where error is ModelError || error is NumericFault {
      throw Failure(.data, "\(source.file): \(error)")
    }
    for file in export.files { try check(file.path) }
    try export.write()
    let written = ExportOutput(
      file: output, files: export.files.map(\.path), bytes: export.files[0].bytes.count,
      format: type(of: format).name,
      weights: StoredWeights(isAverage: source.isAverage(weightsFlag)),
      verified: ExportOutput.Verified(export.verification), int8: int8.map(ExportOutput.Int8.init))
    if jsonFlag.json { return try JSONOutput.print(written) }
    for file in export.files { Terminal.result("\(file.path): \(Format.bytes(file.bytes.count))") }
    for remark in export.remarks { Terminal.result(remark) }
    Terminal.result(export.verification.text)
  }

  /// What the file is compared on.
  private func images(_ source: ModelSource, _ model: TrainedModel) throws -> ImageSet {
    if let paths = try dataFlags.paths {
      let data = try LabelledData(paths: paths, split: .test)
      try data.samples.checkShape(model.network, file: data.sampleFile)
      if let images = data.images { return images }
    }
    if let folder = source.checkpoint?.trainingFolder,
      let images = (try? LabelledData(paths: folder, split: .test))?.images,
      images.sampleShape == model.network.inputShape
    {
      return images
    }
    return try ImageSet.synthetic(for: model.network, count: 100)
  }

  // For this program

  private func exportForUse(_ source: ModelSource) throws {
    guard let checkpoint = source.checkpoint else {
      throw Failure(
        .usage,
        "\(source.file): is \(source.format.description); minicnn convert makes a checkpoint of it")
    }
    // Throws where an average is asked for that there is not.
    _ = try source.model(weightsFlag)
    try check(output)
    let isAverage = source.isAverage(weightsFlag)
    try checkpoint.forUse(averaged: isAverage).save(to: output)
    let written = ExportOutput(
      file: output, files: [output], bytes: try WholeFile.read(output).count, format: Self.forUse,
      weights: StoredWeights(isAverage: isAverage), verified: nil, int8: nil)
    if jsonFlag.json { return try JSONOutput.print(written) }
    let size = Format.fixed(Double(written.bytes) / 1e6, 2)
    Terminal.result("\(output): \(size) MB, the \(written.weights.rawValue) weights")
  }
}
