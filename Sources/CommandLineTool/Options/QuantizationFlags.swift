import ArgumentParser
import MiniCNN

/// Whether C computes with integers, and what that may cost.
struct QuantizationFlags: ParsableArguments {
  /// What numbers are rounded to.
  enum Quantization: String, CaseIterable, ExpressibleByArgument { case int8 }

  @Option(help: ArgumentHelp("What C computes with instead of floats: int8.", valueName: "type"))
  var quantize: Quantization?
  @Option(
    help: ArgumentHelp(
      "The data set whose training images give the ranges of integers (default: --data, or that which"
        + " the model was trained on).", valueName: "folder"), completion: .lookUp(.data))
  var calibrate: String?
  @Flag(help: "Export integers that lose more than half a point.") var allowLoss = false

  func validate() throws {
    if quantize == nil, calibrate != nil || allowLoss {
      throw ValidationError(
        "--\(calibrate == nil ? "allow-loss" : "calibrate") goes with --quantize")
    }
  }

  /// Whether floats are computed with.
  var isOff: Bool { quantize == nil }

  /// A model with integers, and what they cost; `nil` where none are asked for.
  func report(
    on source: ModelSource, weights: WeightsFlag, data: DataFlags
  ) throws -> QuantizationReport? {
    guard !isOff else { return nil }
    let model = try source.model(weights)
    let stated = try (calibrate ?? data.data).map {
      try Installation.current.path(of: $0, as: .data)
    }
    guard let path = stated ?? source.checkpoint?.trainingFolder?.first else {
      throw Failure(
        .usage, "name the data set to take the ranges of integers from with --calibrate")
    }
    let training = try DataFolder(path).load(.train)
    try training.checkShape(model.network)
    let test =
      try data.paths.map { try LabelledData(paths: $0, split: .test) }
      ?? (try? LabelledData(DataFolder(path), split: .test))
    // Only of its own data is known which images it was trained on.
    let settings = source.checkpoint.flatMap { checkpoint in
      checkpoint.data?.sha256 == training.sha256 ? checkpoint.settings : nil
    }
    do {
      return try QuantizationReport(
        model, training: training,
        used: try settings.map { try SampleSplit(training, settings: $0).training },
        test: test?.images, seed: settings?.seed ?? 0)
    } catch let error as ModelError {
      throw Failure(.data, "\(source.file): \(error)")
    }
  }

  /// Throws where integers lose more than they may.
  func check(_ report: QuantizationReport, of source: ModelSource) throws {
    guard !allowLoss else { return }
    do throws(ModelError) {
      try report.check(threads: nil)
    } catch {
      throw Failure(.data, "\(source.file): \(error); --allow-loss exports it all the same")
    }
  }
}
